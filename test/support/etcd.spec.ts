import { describeWithEtcd, startEtcd, type EtcdServer } from './etcd.js';

describeWithEtcd('a started etcd', () => {
  let etcd: EtcdServer;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  it('answers etcdctl, and keeps its data and its port over a kill and a restart', async () => {
    await etcd.etcdctl('put', 'greeting', 'hello');
    await etcd.kill();
    await expect(etcd.etcdctl('--command-timeout=300ms', 'get', 'greeting')).rejects.toThrow(
      /deadline exceeded/i,
    );
    await etcd.restart();
    expect(await etcd.etcdctl('get', '--print-value-only', 'greeting')).toBe('hello\n');
  });

  it('stops answering while it is paused and goes on when it is resumed', async () => {
    etcd.pause();
    try {
      await expect(etcd.etcdctl('--command-timeout=300ms', 'get', 'x')).rejects.toThrow(/deadline exceeded/i);
    } finally {
      etcd.resume();
    }
    await expect(etcd.etcdctl('get', 'x')).resolves.toBe('');
  });
});
