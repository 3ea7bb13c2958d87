import { stringify } from 'yaml';
import type { Resource } from '../api/master-api.js';
import type { Client } from './client.js';
import type { Colours } from '../output/colours.js';
import { rate, stateText } from '../output/states.js';
import { cell, renderTable } from '../output/table.js';
import { age, until } from '../output/times.js';

export async function get({ api, output }: Client, name: string): Promise<void> {
  const resource = await api.get(name);
  const spec = specOf(resource);
  await output.show({ ...resource, spec }, (colours) => card(resource, spec, colours));
}

function card(resource: Resource, spec: unknown, colours: Colours): string {
  const { name, id, nodeId, nodeAddress, epoch, createdAt, nextRunAt } = resource;
  const rows: [string, string][] = [
    ['Name', name],
    ['ID', id],
    ['Worker', nodeId === '' ? colours.yellow('none') : `${nodeId} at ${nodeAddress}`],
    ['Epoch', epoch],
    ['Created', createdAt === undefined ? '' : `${createdAt} (${age(createdAt)} ago)`],
    ...progressRows(resource, colours),
    ...(nextRunAt === undefined
      ? []
      : [['Next run', `${nextRunAt} (in ${until(nextRunAt)})`] as [string, string]]),
  ];
  const head = renderTable(
    [],
    rows.map(([label, text]) => [colours.dim(label), text]),
    colours,
  );
  const body =
    spec === undefined ? '' : `${colours.dim('Spec')}\n${stringify(spec).replace(/^/gm, '  ').trimEnd()}`;
  return `${head}${body}`.trimEnd();
}

function progressRows({ nodeId, task, control }: Resource, colours: Colours): [string, string][] {
  if (task === undefined) {
    const state =
      nodeId === '' ? colours.yellow('waits for a worker') : colours.dim('its worker does not say');
    return [['State', control?.paused === true ? colours.yellow('paused') : state]];
  }
  const { state, reason, since, pagesDone, pagesQueued, pagesFailed, pagesPerSecond, items, run } = task;
  const { waiting, lastError, traceId } = task;
  const because = reason === '' ? '' : `: ${cell(reason, 200)}`;
  const speed = state === 'running' ? `, ${rate(pagesPerSecond)}` : '';
  return [
    ['State', `${stateText(state, colours)}${because}${since === undefined ? '' : ` (for ${age(since)})`}`],
    ['Run', String(run)],
    ['Pages', `${pagesDone} done, ${pagesQueued} queued, ${pagesFailed} failed${speed}`],
    ['Items', items],
    ...((lastError ?? '') === '' ? [] : [['Failed', cell(lastError, 200)] as [string, string]]),
    ...((traceId ?? '') === '' ? [] : [['Trace', traceId] as [string, string]]),
    ...(waiting ?? []).map(({ host, reason: why }): [string, string] => [
      'Waits',
      `${cell(host)}: ${cell(why, 120)}`,
    ]),
  ];
}

/** The spec travels as a JSON text in the message; a person wants to see it as what it is. */
function specOf({ spec }: Resource): unknown {
  if (typeof spec !== 'string') return spec;
  return spec === '' ? undefined : (JSON.parse(spec) as unknown);
}
