import { EXIT } from './failure.js';
import { run } from './run.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads has seen enough, as `head` has.
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});
const exitCode = await run(process.argv.slice(2), process);
// Zero would overrule what a program that still runs ends with.
if (exitCode !== EXIT.ok) process.exitCode = exitCode;
