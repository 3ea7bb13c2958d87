import { Readiness } from './readiness.js';

test('a condition is unmet until its owner says otherwise', () => {
  const readiness = new Readiness();
  const etcd = readiness.condition('etcd');
  expect(readiness.report()).toEqual({
    ready: false,
    conditions: { etcd: { ok: false, reason: 'starting' } },
  });
  etcd.met();
  expect(readiness.report()).toEqual({ ready: true, conditions: { etcd: { ok: true } } });
  etcd.unmet('no answer');
  expect(readiness.report().conditions.etcd).toEqual({ ok: false, reason: 'no answer' });
});

test('listeners hear of changes of the whole only, until they leave', () => {
  const readiness = new Readiness();
  const [a, b] = [readiness.condition('a'), readiness.condition('b')];
  const heard: boolean[] = [];
  const leave = readiness.onChange((ready) => heard.push(ready));
  a.met();
  b.met();
  b.met();
  a.unmet('gone');
  b.unmet('gone');
  leave();
  a.met();
  b.met();
  expect(heard).toEqual([true, false]);
});
