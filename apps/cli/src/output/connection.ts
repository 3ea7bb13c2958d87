import type { Connection, Lost } from '../api/follow.js';
import type { Colours } from './colours.js';
import type { Output } from './output.js';
import { age } from './times.js';

/** For what is told line by line: a remark at each break, at each other reason for it, and at its end. */
export function remarked(output: Output): (connection: Connection) => void {
  let lost: Lost | undefined;
  return (connection) => {
    if ('server' in connection) {
      if (lost !== undefined) output.remark(`Connected again, to ${connection.server}.`);
      lost = undefined;
    } else {
      if (connection.reason !== lost?.reason) output.remark(lostText(connection));
      lost = connection;
    }
  };
}

/** For what is drawn in place: the line at its foot. */
export function footText(lost: Lost | undefined, colours: Colours): string {
  return lost === undefined ? colours.dim('q ends.') : colours.yellow(lostText(lost));
}

function lostText({ lostAt, reason }: Lost): string {
  const time = lostAt.toISOString().slice(11, 19);
  const passed = age(lostAt.toISOString());
  return `Not connected since ${time}Z${passed === '0s' ? '' : ` (${passed})`}: ${reason}`;
}
