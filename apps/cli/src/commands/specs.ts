import { stringify } from 'yaml';
import type { Client } from './client.js';
import { EXIT, Failure } from '../failure.js';
import { cell } from '../output/table.js';
import { age } from '../output/times.js';

/** What a task crawled before its present spec; one of them as a whole when its revision is given. */
export async function specs(
  { api, output }: Client,
  name: string,
  revision: string | undefined,
): Promise<void> {
  const versions = (await api.specs(name)).specs.map((version) => ({
    ...version,
    spec: version.spec === '' ? undefined : (JSON.parse(version.spec) as unknown),
  }));
  if (revision !== undefined) {
    const version = versions.find((one) => one.revision === revision);
    if (version === undefined)
      throw new Failure(EXIT.notFound, `No spec of ${name} has the revision ${revision}.`);
    return output.show(version, () => stringify(version.spec ?? null).trimEnd());
  }
  await output.show({ specs: versions }, () => ({
    head: ['REVISION', 'REPLACED', 'AGE', 'SPEC'],
    rows: versions.map(({ revision: number, replacedAt, spec }) => [
      number,
      replacedAt ?? '',
      age(replacedAt),
      spec === undefined ? 'none' : cell(JSON.stringify(spec), 100),
    ]),
    empty: 'Its spec was never replaced.',
  }));
}
