import { stringify } from 'yaml';
import type { Resource } from '../api/master-api.js';
import type { Client } from './client.js';
import type { Colours } from '../output/colours.js';
import { cell, renderTable } from '../output/table.js';
import { age } from '../output/times.js';

export async function get({ api, output }: Client, name: string): Promise<void> {
  const resource = await api.get(name);
  const spec = specOf(resource);
  await output.show({ ...resource, spec }, (colours) => card(resource, spec, colours));
}

function card(resource: Resource, spec: unknown, colours: Colours): string {
  const { task } = resource;
  const rows = [
    ['Name', resource.name],
    ['ID', resource.id],
    [
      'Worker',
      resource.nodeId === '' ? colours.yellow('none') : `${resource.nodeId} at ${resource.nodeAddress}`,
    ],
    ['Epoch', resource.epoch],
    [
      'Created',
      resource.createdAt === undefined ? '' : `${resource.createdAt} (${age(resource.createdAt)} ago)`,
    ],
    ...(task === undefined
      ? [
          [
            'State',
            resource.nodeId === ''
              ? colours.yellow('waits for a worker')
              : colours.dim('its worker does not say'),
          ],
        ]
      : [
          [
            'State',
            `${stateText(task.state, colours)}${task.reason === '' ? '' : `: ${cell(task.reason, 200)}`}`,
          ],
          ['Pages', `${task.pagesDone} done, ${task.pagesQueued} queued, ${task.pagesFailed} failed`],
        ]),
  ];
  const head = renderTable(
    [],
    rows.map(([label = '', text = '']) => [colours.dim(label), text]),
    colours,
  );
  const body =
    spec === undefined ? '' : `${colours.dim('Spec')}\n${stringify(spec).replace(/^/gm, '  ').trimEnd()}`;
  return `${head}${body}`.trimEnd();
}

export function stateText(state: string, colours: Colours): string {
  if (state === 'failed') return colours.red(state);
  if (state === 'pending' || state === 'draining' || state === 'starting') return colours.yellow(state);
  return state === '' ? colours.dim('unknown') : colours.green(state);
}

/** The spec travels as a JSON text in the message; a person wants to see it as what it is. */
function specOf({ spec }: Resource): unknown {
  if (typeof spec !== 'string') return spec;
  return spec === '' ? undefined : (JSON.parse(spec) as unknown);
}
