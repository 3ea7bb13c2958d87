import { loadSettingsOrExit } from '@app/config';
import { addressTable, keepRunning, masterUrls, runCluster } from '../cluster/run-cluster.js';
import { upSettings } from '../cluster/up-settings.js';
import { Terminal } from '../output/terminal.js';

const DEFAULT_SERVER = 'http://127.0.0.1:8081';

/** `orbweaver up`: a local cluster until Ctrl-C. */
export async function up(argv: string[]): Promise<void> {
  const settings = loadSettingsOrExit(upSettings, { argv, env: process.env });
  const terminal = new Terminal();
  const { colours, print } = terminal;
  const startedAt = performance.now();
  print(`Starting ${count(settings.masters, 'master')} and ${count(settings.workers, 'worker')} …`);
  await runCluster(settings, terminal, { fresh: false }, async (cluster, signal) => {
    const servers = masterUrls(cluster.members);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print(`\n${addressTable(cluster.members, colours)}`);
    print(`Store       ${cluster.store.description}`);
    print(`Console     ${servers[0]}/`);
    print(`Swagger UI  ${servers[0]}/docs`);
    print(`Logs        ${settings.dataDir}/log/`);
    print(`\n${colours.green('Ready')} after ${seconds} s. Add a task with: orbweaver add FILE`);
    if (!servers.includes(DEFAULT_SERVER)) print(`First: export ORBWEAVER_SERVER=${servers.join(',')}`);
    print('Ctrl-C stops everything.\n');
    await keepRunning(cluster, signal);
  });
  print('Stopped.');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
