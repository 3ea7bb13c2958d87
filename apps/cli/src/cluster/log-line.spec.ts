import { coloursFor } from '../output/colours.js';
import { humanLine, parseLine, readyOf } from './log-line.js';

describe('a log line', () => {
  const plain = coloursFor({});

  it('is shown with its time, level, message and fields', () => {
    const line =
      '{"level":"INFO","ts":"2022-12-12T16:55:42.798+0800","logger":"master","caller":"a.ts:1",' +
      '"msg":"watch leader change","leader:":"master3-10.0.0.1:9093","n":{"a":1}}';
    expect(humanLine(line, plain)).toBe(
      '16:55:42.798 INFO  watch leader change leader=master3-10.0.0.1:9093 n={"a":1}',
    );
  });

  it.each(['plain text', '{not json', ''])('that is not JSON is shown as it is: %j', (line) => {
    expect(humanLine(line, plain)).toBe(line);
  });

  it.each([
    ['{"msg":"ready","http":"a:1","grpc":"b:2","pprof":"c:3"}', { http: 'a:1', grpc: 'b:2', pprof: 'c:3' }],
    ['{"msg":"ready","http":"a:1","grpc":"b:2"}', { http: 'a:1', grpc: 'b:2' }],
    ['{"msg":"ready"}', undefined],
    ['{"msg":"other","http":"a:1","grpc":"b:2"}', undefined],
  ])('%s tells the addresses %j', (line, ready) => expect(readyOf(parseLine(line))).toEqual(ready));
});
