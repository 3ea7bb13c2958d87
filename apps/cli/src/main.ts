import { Failure } from './failure.js';
import { programs } from './programs.js';

const [, , command = '', ...argv] = process.argv;
try {
  const program = programs[command];
  if (program !== undefined) await program.run(argv);
  else await (await import('./client.js')).runClient(process.argv);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
