/** What a command ends with. The meanings are part of the interface: scripts branch on them. */
export const EXIT = {
  ok: 0,
  /** It was understood and tried, and did not work. */
  failed: 1,
  /** The command line or a file named on it is wrong; nothing was tried. */
  usage: 2,
  notFound: 3,
  /** No master answers, nobody leads, no worker is there: the same command may work later. */
  unavailable: 4,
  /** By Ctrl-C or a signal, as shells say it: 128 and the number of SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An end that is told to the person in a sentence or two, without a stack. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
