import { controlAfter, decodeControl, encodeControl, type Control, type ControlRequest } from './control.js';

const FIRST: Control = { paused: false, run: 1, retry: 0, generation: 0 };

describe('a control document', () => {
  const control: Control = { paused: true, run: 7, retry: 2, generation: 1 };

  it('is read as it is written', () => {
    expect(decodeControl(encodeControl(control, '16'), '16')).toEqual(control);
  });

  it.each([
    ['that is missing', undefined],
    ['of an earlier resource of the same name', encodeControl(control, '15')],
    ['that is no JSON', 'paused'],
    ['that is no object', '[]'],
    ['with a run of 0', '{"id":"16","paused":false,"run":0,"retry":0,"generation":0}'],
    ['with a part missing', '{"id":"16","paused":true,"run":1,"retry":0}'],
  ])('%s is as none: the first run, not paused', (_, text) => {
    expect(decodeControl(text, '16')).toEqual(FIRST);
  });
});

describe('a request', () => {
  const running: Control = { paused: false, run: 3, retry: 1, generation: 2 };
  const paused: Control = { ...running, paused: true };

  const CASES: { claim: string; from: Control; request: ControlRequest; to: Control | undefined }[] = [
    { claim: 'pauses what runs', from: running, request: { kind: 'pause' }, to: paused },
    { claim: 'leaves what is paused already', from: paused, request: { kind: 'pause' }, to: undefined },
    { claim: 'resumes what is paused', from: paused, request: { kind: 'resume' }, to: running },
    { claim: 'leaves what is not paused', from: running, request: { kind: 'resume' }, to: undefined },
    { claim: 'begins a run', from: running, request: { kind: 'restart' }, to: { ...running, run: 4 } },
    {
      claim: 'begins a run of what stays paused',
      from: paused,
      request: { kind: 'restart' },
      to: { ...paused, run: 4 },
    },
    {
      claim: 'starts over with the first run of another generation',
      from: running,
      request: { kind: 'startOver' },
      to: { ...running, run: 1, generation: 3 },
    },
    {
      claim: 'asks for failed pages',
      from: running,
      request: { kind: 'retry' },
      to: { ...running, retry: 2 },
    },
    {
      claim: 'is carried out when all is as expected, paused or not',
      from: paused,
      request: { kind: 'restart', expected: running },
      to: { ...paused, run: 4 },
    },
  ];
  it.each(CASES)('$claim', ({ from, request, to }) => {
    expect(controlAfter(from, request)).toEqual(to);
  });

  it.each(['restart', 'startOver', 'retry'] as const)(
    '%s that says what it expects does the same once, however often it comes',
    (kind) => {
      const once = controlAfter(FIRST, { kind, expected: FIRST })!;
      expect(controlAfter(once, { kind, expected: FIRST })).toBeUndefined();
    },
  );

  it('is refused when something else has happened than it expects', () => {
    for (const kind of ['restart', 'startOver', 'retry'] as const) {
      expect(() => controlAfter({ ...running, run: 9 }, { kind, expected: running })).toThrow(
        expect.objectContaining({
          code: 'CONFLICT',
          message: 'it has been changed meanwhile: run 9, retry 1, generation 2',
        }),
      );
    }
  });
});
