import { readFile } from 'node:fs/promises';
import { renderTaskSchema } from '@app/tasks';

it('docs/task-spec.schema.json is what editors may check tasks by (npm run docs writes it)', async () => {
  expect(await readFile('docs/task-spec.schema.json', 'utf8')).toBe(renderTaskSchema());
});
