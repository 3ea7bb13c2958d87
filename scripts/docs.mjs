/** `npm run docs`: writes what is generated from the compiled programs: docs/configuration.md, the tasks' JSON Schema, the console's API types. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare();
const load = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const [{ renderReference }, { masterSettings }, { workerSettings }, { upSettings }, { storeSettings }] =
  await Promise.all([
    load('libs/config/src/index.js'),
    load('apps/master/src/settings.js'),
    load('apps/worker/src/settings.js'),
    load('apps/cli/src/cluster/up-settings.js'),
    load('apps/cli/src/cluster/store-settings.js'),
  ]);
const page = renderReference([masterSettings, workerSettings, upSettings, storeSettings]);
writeFileSync(join(root, 'docs/configuration.md'), page);
const { renderTaskSchema } = await load('libs/tasks/src/index.js');
writeFileSync(join(root, 'docs/task-spec.schema.json'), renderTaskSchema());
const types = execFileSync(process.execPath, [join(root, 'scripts/api-types.mjs')]);
writeFileSync(join(root, 'apps/console/src/api/schema.ts'), types);
