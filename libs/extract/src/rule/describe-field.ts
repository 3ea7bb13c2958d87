import type { Field, Selection } from '@app/tasks';

/** Where a field is looked for, as people write it. */
export function describeField({ from, match }: Field): string {
  const pattern = match === undefined ? '' : ` matched by ${match}`;
  switch (from.kind) {
    case 'css':
      return `${selectionText(from)}${pattern}`;
    case 'regex':
      return match ?? '';
    case 'json':
      return `${from.path}${from.within === undefined ? '' : ` in ${selectionText(from.within)}`}${pattern}`;
    case 'jsonld':
      return `${from.path} in JSON-LD${from.type === undefined ? '' : ` of type ${from.type}`}${pattern}`;
    case 'carried':
      return `the carried value "${from.name}"${pattern}`;
    case 'url':
    case 'constant':
    default:
      return `the ${from.kind}${pattern}`;
  }
}

function selectionText({ select, take }: Selection): string {
  if (take === 'text') return select;
  return `${select === ':scope' ? '' : select}@${take === 'html' ? 'html' : take.attribute}`;
}
