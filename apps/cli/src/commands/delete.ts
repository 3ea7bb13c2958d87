import type { Client } from './client.js';
import { EXIT, type ExitCode, Failure } from '../failure.js';

/** Removes each of the names; one that cannot be removed does not keep the others. */
export async function remove({ api, output }: Client, names: readonly string[]): Promise<void> {
  const deleted: string[] = [];
  const failures: { name: string; message: string; exitCode: ExitCode }[] = [];
  for (const name of names) {
    try {
      await api.delete(name);
      deleted.push(name);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push({ name, message: error.message, exitCode: error.exitCode });
    }
  }
  if (deleted.length > 0) await output.show({ deleted }, () => `Deleted ${deleted.join(', ')}.`);
  const [first] = failures;
  if (first === undefined) return;
  const worst = failures.every(({ exitCode }) => exitCode === first.exitCode) ? first.exitCode : EXIT.failed;
  throw new Failure(worst, failures.map(({ name, message }) => `${name}: ${message}`).join('\n'));
}
