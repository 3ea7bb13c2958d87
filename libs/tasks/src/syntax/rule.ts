import { z } from 'zod';
import type { Rule } from '../rules.js';
import { duration, size } from './amounts.js';
import { checkedText, closedObject } from './faults.js';
import { fields, pattern } from './field.js';
import { follow, type Link, paginate, selector } from './follow.js';
import { name } from './name.js';
import { scriptFault } from '../script.js';

const EXPECTED = 'expected a rule: an object with "follow", "fields" or "script"';

const declarative = {
  follow: follow.optional().describe('Where the page leads.'),
  each: selector.optional().describe('Selector of the elements that hold one item each.'),
  where: pattern
    .optional()
    .describe('Only pages (with each: elements) whose source this regular expression finds something in.'),
  fields: fields.optional().describe('What an item has. Without fields a page gives no items.'),
  paginate: paginate.optional().describe('Links to further pages of this same rule and depth.'),
};

const script = {
  script: checkedText('expected JavaScript', scriptFault)
    .optional()
    .describe('JavaScript instead of follow and fields: the body of a function of ctx.'),
  timeout: duration(1, 10_000).optional().describe('Of the script, for one page (default 50ms).'),
  memory: size('8MiB', '512MiB').optional().describe('Of the script, for one page (default 32MiB).'),
};

const reload = z
  .boolean({ error: 'expected true or false' })
  .default(false)
  .describe('Fetch the pages of this rule again with each run.');

const rule = closedObject({ ...declarative, ...script, reload }, EXPECTED)
  .superRefine((written, context) => {
    const others = Object.keys(written.script === undefined ? script : declarative);
    for (const key of others.filter((other) => written[other as keyof typeof written] !== undefined)) {
      const message = written.script === undefined ? 'goes with "script" only' : 'does not go with "script"';
      context.addIssue({ code: 'custom', path: [key], message });
    }
    for (const key of ['each', 'where'] as const) {
      if (written[key] === undefined || written.fields !== undefined) continue;
      context.addIssue({ code: 'custom', path: [key], message: 'expected "fields" beside it' });
    }
  })
  .meta({ id: 'Rule' });

/** Rules by their names; links without `to` lead to the rule they stand in. */
export const rules = z
  .record(name, rule, { error: 'expected rules by their names' })
  .refine((written) => Object.keys(written).length > 0, { error: 'expected at least one rule' })
  .transform((written) =>
    Object.fromEntries(Object.entries(written).map(([key, value]) => [key, compiled(key, value)])),
  );

function compiled(key: string, written: z.output<typeof rule>): Rule {
  if (written.script !== undefined) {
    return {
      kind: 'script',
      source: written.script,
      timeoutMs: written.timeout ?? 50,
      memoryBytes: written.memory ?? 32 * 1_024 * 1_024,
      reload: written.reload,
    };
  }
  const led = (link: Link) => ({ ...link, to: link.to ?? key });
  return {
    kind: 'declarative',
    follow: (written.follow ?? []).map(led),
    each: written.each,
    where: written.where,
    fields: written.fields,
    paginate: written.paginate && led(written.paginate),
    reload: written.reload,
  };
}
