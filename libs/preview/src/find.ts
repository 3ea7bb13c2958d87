import type { DeclarativeRule, Field, Follow, Selection } from '@app/tasks';

/** Where a value is looked for, as short as a spec writes it. */
export function placeOf({ from, match }: Field): string {
  const place = sourceOf(from);
  return match === undefined ? place : `${place} ~ /${match}/`.trimStart();
}

function sourceOf(from: Field['from']): string {
  switch (from.kind) {
    case 'css':
      return selectionText(from);
    case 'regex':
      return 'the text';
    case 'json':
      return from.within === undefined ? from.path : `${selectionText(from.within)} ${from.path}`;
    case 'jsonld':
      return `JSON-LD ${from.type === undefined ? '' : `${from.type} `}${from.path}`;
    case 'carried':
      return `carried ${from.name}`;
    case 'url':
      return 'the URL';
    case 'constant':
      return 'a constant';
  }
  return '';
}

function selectionText({ select, take }: Selection): string {
  if (take === 'text') return select;
  return `${select}@${take === 'html' ? 'html' : take.attribute}`;
}

export function linkPlaceOf({ each, link, where }: Follow): string {
  const place = 'match' in link ? `/${link.match}/` : `${link.select}@${link.attribute}`;
  const within = each === undefined ? place : `${each} › ${place}`;
  return where === undefined ? within : `${within} where /${where}/`;
}

/** A rule with its links alone, or with its fields alone: what it finds is then known to come from there. */
export function withOnly(rule: DeclarativeRule, only: Partial<DeclarativeRule>): DeclarativeRule {
  return { ...rule, follow: [], paginate: undefined, fields: undefined, ...only };
}
