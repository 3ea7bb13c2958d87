/** `npm run docs`: writes docs/configuration.md from the schemas of the compiled programs. */
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
