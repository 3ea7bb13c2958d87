import { EXIT } from './failure.js';
import { run } from './run.js';

const exitCode = await run(process.argv.slice(2), process);
// Zero would overrule what a program that still runs ends with.
if (exitCode !== EXIT.ok) process.exitCode = exitCode;
