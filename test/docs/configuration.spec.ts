import { readFile } from 'node:fs/promises';
import { renderReference } from '@app/config';
import { storeSettings } from '../../apps/cli/src/cluster/store-settings.js';
import { upSettings } from '../../apps/cli/src/cluster/up-settings.js';
import { masterSettings } from '../../apps/master/src/settings.js';
import { workerSettings } from '../../apps/worker/src/settings.js';

it('docs/configuration.md says what the programs take (npm run docs writes it)', async () => {
  expect(await readFile('docs/configuration.md', 'utf8')).toBe(
    renderReference([masterSettings, workerSettings, upSettings, storeSettings]),
  );
});
