import { EXIT, type ExitCode, Failure } from './failure.js';
import { programs } from './programs.js';
import type { Streams } from './streams.js';

/** Runs one command line, without the interpreter and the program. A failure is told in sentences on stderr. */
export async function run(argv: readonly string[], streams: Streams): Promise<ExitCode> {
  try {
    const [command = '', ...rest] = argv;
    const program = Object.hasOwn(programs, command) ? programs[command] : undefined;
    if (program === undefined) return await (await import('./command-line.js')).runClient(argv, streams);
    await program.run(rest);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    streams.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}
