import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaskModules } from '@app/task-modules';
import { parseTaskSpec } from '@app/tasks';
import { parse } from 'yaml';

async function blocks(language: string): Promise<string[]> {
  const page = await readFile('docs/tasks.md', 'utf8');
  return Array.from(page.matchAll(/^```(\w+)\n(.*?)^```$/gms))
    .filter(([, of]) => of === language)
    .map(([, , text = '']) => text);
}

it('every piece of YAML in docs/tasks.md belongs into a task', async () => {
  const pieces = await blocks('yaml');
  expect(pieces.length).toBeGreaterThan(5);
  for (const text of pieces) {
    const keys = parse(text) as object;
    expect(() => parseTaskSpec({ seeds: 'https://site.test/', ...keys })).not.toThrow();
  }
});

it('the module in docs/tasks.md is a task', async () => {
  const [text = ''] = await blocks('ts');
  const directory = await mkdtemp(join(tmpdir(), 'orbweaver-docs-'));
  try {
    await writeFile(join(directory, 'task.ts'), text);
    const found = await new TaskModules().load(join(directory, 'task.ts'));
    expect(found).toMatchObject({ kind: 'found', code: { parsers: { book: expect.any(Function) } } });
    if (found.kind === 'found') expect(parseTaskSpec(found.value).root).toBe('list');
  } finally {
    await rm(directory, { recursive: true });
  }
});
