// npm run bench [-- CASE…]: measures on this machine and prints a table. Figures are medians; compare ratios.
import { cpus, totalmem } from 'node:os';
import { addResource } from './cases/add-resource.mjs';
import { consoles } from './cases/console.mjs';
import { crawl } from './cases/crawl.mjs';
import { extract } from './cases/extract.mjs';
import { failover } from './cases/failover.mjs';
import { frontier } from './cases/frontier.mjs';
import { load } from './cases/load.mjs';
import { reassignment } from './cases/reassignment.mjs';
import { start } from './cases/start.mjs';
import { store } from './cases/store.mjs';

const cases = {
  add: addResource,
  console: consoles,
  crawl,
  extract,
  failover,
  frontier,
  reassignment,
  load,
  start,
  store,
};
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in cases));
if (unknown.length > 0) {
  console.error(`no such case: ${unknown.join(', ')}; there are ${Object.keys(cases).join(', ')}`);
  process.exit(2);
}

console.log(
  `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}\n`,
);
console.log('| what | measured | ratio, memory | aim |\n| --- | --- | --- | --- |');
for (const name of asked.length > 0 ? asked : Object.keys(cases)) {
  for (const row of await cases[name]()) console.log(`| ${row.join(' | ')} |`);
}
