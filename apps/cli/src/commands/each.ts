import type { Client } from './client.js';
import { EXIT, type ExitCode, Failure } from '../failure.js';

/** Does something with each of the names, and tells what; one that fails does not keep the others. */
export async function eachOf<T>(
  { output }: Client,
  names: readonly string[],
  act: (name: string) => Promise<T>,
  told: (name: string, result: T) => string,
): Promise<void> {
  const done: { name: string; result: T }[] = [];
  const failures: { name: string; message: string; exitCode: ExitCode }[] = [];
  for (const name of names) {
    try {
      done.push({ name, result: await act(name) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push({ name, message: error.message, exitCode: error.exitCode });
    }
  }
  if (done.length > 0) {
    const results = done.map(({ result }) => result);
    await output.show(names.length === 1 ? results[0] : results, () =>
      done.map(({ name, result }) => told(name, result)).join('\n'),
    );
  }
  const [first] = failures;
  if (first === undefined) return;
  const worst = failures.every(({ exitCode }) => exitCode === first.exitCode) ? first.exitCode : EXIT.failed;
  const messages = failures.map(({ name, message }) =>
    names.length === 1 ? message : `${name}: ${message}`,
  );
  throw new Failure(worst, messages.join('\n'));
}
