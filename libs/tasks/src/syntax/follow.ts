import { z } from 'zod';
import type { Follow } from '../rules.js';
import { count } from './amounts.js';
import { checkedText, closedObject, oneOrMany, textFor } from './faults.js';
import { fields, pattern } from './field.js';
import { selectorFault } from '../selector.js';
import { parseLink } from './selection.js';

/** Where the link leads is filled in by the rule that it stands in. */
export type Link = Omit<Follow, 'to'> & { to: string | undefined };

export const selector = checkedText('expected a CSS selector', selectorFault);

const selection = textFor('expected a selector such as a.next or img@src', parseLink);

const priority = count(-1_000_000, 1_000_000);

const written = {
  each: selector.optional().describe('Selector of elements to look in, each with its own link and values.'),
  select: selection.optional().describe('Selector of the links; with @attribute for another one than href.'),
  match: pattern.optional().describe('Instead of select: finds the URLs in the text, as its first group.'),
  where: pattern.optional().describe('Only URLs that this regular expression finds something in.'),
  priority: priority.default(0).describe('Greater comes first.'),
  carry: fields.prefault({}).describe('Values that go along with the link.'),
};

const to = z
  .string({ error: 'expected the name of a rule' })
  .optional()
  .describe('The rule of the pages behind it.');

const EXPECTED = 'expected a selector of links, or an object with "select" or "match"';

const link = form(closedObject({ ...written, to }, EXPECTED)).meta({ id: 'Follow' });

export const follow = oneOrMany(link, EXPECTED, 100);

export const paginate = form(closedObject(written, EXPECTED)).meta({ id: 'Paginate' });

function form<Type extends z.ZodType<z.output<z.ZodObject<typeof written>> & { to?: string | undefined }>>(
  object: Type,
) {
  const whole = object.transform(({ each, select, match, where, to, priority, carry }, context): Link => {
    if (select !== undefined && match !== undefined) {
      context.addIssue({ code: 'custom', message: 'expected "select" or "match", not both' });
    }
    if (select === undefined && match === undefined && each === undefined) {
      context.addIssue({ code: 'custom', message: 'expected "select" or "match"' });
    }
    return {
      each,
      link: match === undefined ? (select ?? parseLink('@href')) : { match },
      where,
      to,
      priority,
      carry,
    };
  });
  const text = selection.transform((found): Link => ({
    each: undefined,
    link: found,
    where: undefined,
    to: undefined,
    priority: 0,
    carry: {},
  }));
  return z.union([text, whole], { error: EXPECTED });
}
