import type { Host } from '../api/master-api.js';
import type { Client } from './client.js';
import type { Colours } from '../output/colours.js';
import { cell } from '../output/table.js';
import { until } from '../output/times.js';

/** The hosts that a task is at, and why those wait that do. */
export async function hosts({ api, output }: Client, name: string): Promise<void> {
  const answer = await api.hosts(name);
  await output.show(answer, (colours) => ({
    head: ['HOST', 'IN HAND', 'OPEN', 'DELAY', 'AT ONCE', 'ROBOTS', 'FAILURES', 'WAITS FOR'],
    rows: answer.hosts.map((host) => row(host, colours)),
    empty: 'It is at no host: it does not run, or has no page in hand.',
  }));
}

function row(host: Host, colours: Colours): string[] {
  const { delayMs, inHand, open, concurrency, robots, failures, wait } = host;
  return [
    cell(host.host, 60),
    String(inHand),
    String(open),
    delayMs === '0' ? 'none' : `${Number(delayMs) / 1000} s`,
    String(concurrency),
    robots,
    failures === 0 ? '0' : colours.red(String(failures)),
    wait === undefined ? '' : colours.yellow(waitText(wait)),
  ];
}

function waitText({ cause, reason, until: at }: NonNullable<Host['wait']>): string {
  const what = reason === '' || reason === cause ? cause : `${cause}: ${reason}`;
  const left = until(at);
  return cell(left === '' || left === '0s' ? what : `${what} (${left})`, 100);
}
