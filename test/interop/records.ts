import { EtcdClient } from '@app/etcd';
import { encodeResource, keys, type ResourceRecord } from '@app/resources';
import { startEtcd, type EtcdServer } from '../support/etcd.js';
import type { GoProgram } from './go-program.js';

/** Our records through Go's encoding/json, into the structs that the original has. */
export function recordsWithGo(go: GoProgram): void {
  let etcd: EtcdServer;
  let client: EtcdClient;
  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  afterAll(async () => {
    client?.close();
    await etcd?.stop();
  });

  it('a resource keeps every byte, whatever its name and however large its numbers', async () => {
    const record = (name: string, more: Partial<ResourceRecord> = {}): ResourceRecord => ({
      id: '1622019481540759552',
      name,
      assignedNode: { id: 'go.micro.server.worker-1', address: '10.156.157.194:11901' },
      creationTime: 1675554554713968001n,
      ...more,
    });
    const records = [
      record('douban_book_list'),
      record('<b>Tom & "Jerry"</b> \\ \u2028\u2029 \u007f'),
      record('书 é \u{1F577} \uFFFD'),
      record('unassigned', { assignedNode: undefined }),
      record('largest', { creationTime: 9223372036854775807n, id: '9223372036854775807' }),
      record('IPv6', { assignedNode: { id: 'go.micro.server.worker-2', address: '[fd00::1]:11901' } }),
    ];
    for (const entry of records) await client.put(keys.resource(entry.name), encodeResource(entry));
    await client.put('/resources/election/3f358619bf221967', 'master1-10.156.157.194:9091');

    const recoded = await go.run<{ key: string; stored: string; again: string }>('recode', {
      etcd: etcd.endpoint,
      prefix: '/resources/',
    });
    expect(recoded).toHaveLength(records.length);
    for (const { stored, again } of recoded) expect(again).toBe(stored);
  });
}
