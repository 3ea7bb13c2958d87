import { Server, ServerCredentials } from '@grpc/grpc-js';
import { crawler } from '@app/proto';
import { rpcNamed, type RpcCall } from '@app/transport';
import { until } from '../../../../test/support/until.js';
import { LeaderClient } from './leader-client.js';

describe('LeaderClient', () => {
  let leader: Server;
  let address: string;
  let received: number;
  beforeEach(async () => {
    received = 0;
    leader = new Server();
    // A leader that stands still.
    const takes = (): void => void received++;
    leader.addService(crawler.CrawlerMasterService, { addResource: takes, deleteResource: takes });
    const port = await new Promise<number>((resolve, reject) => {
      leader.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    address = `127.0.0.1:${port}`;
  });
  afterEach(() => leader.forceShutdown());

  const hop = { forwardedBy: 'master2', timeoutMs: 60_000 };
  const add = (name: string): RpcCall => ({
    transport: 'grpc',
    rpc: rpcNamed('CrawlerMaster.AddResource'),
    request: { id: '', name, assignedNode: '', creationTime: 0n, spec: '' },
    option: () => undefined,
    remainingMs: () => undefined,
    signal: new AbortController().signal,
  });

  it('sends all its adds on to the next leader when it is retired: under way, gathered and late ones', async () => {
    const client = new LeaderClient(address);
    const adds = [client.call(add('under way'), hop)];
    await until(() => received === 1, { what: 'the leader has the first' });
    adds.push(client.call(add('gathered'), hop), client.call(add('gathered too'), hop));
    client.retire(0);
    adds.push(client.call(add('late'), hop));
    const answers = await Promise.allSettled(adds);
    expect(answers).toMatchObject(answers.map(() => ({ reason: { code: 'NOT_LEADER' } })));
    expect(answers).toHaveLength(4);
  });
});
