import type { FoundLink } from '@app/extract';
import type { FetchedPage, FieldLook, FollowLook, Look } from '@app/preview';
import type { JsonValue, TaskSpec } from '@app/tasks';
import type { Colours } from '../output/colours.js';
import { itemsView, valueText } from '../output/items.js';
import { cell, renderTable } from '../output/table.js';
import { bytes } from '../output/times.js';

const SHOWN_LINKS = 3;
const SHOWN_ITEMS = 5;

/** What a try has found, for a person: the page, then each part of its rule, then what the crawl would store. */
export function view(page: FetchedPage, look: Look | undefined, spec: TaskSpec, colours: Colours): string {
  const parts = [pageView(page, colours)];
  if (look !== undefined) {
    parts.push(`${colours.bold(`Rule ${look.rule}`)}${otherRules(look.rule, spec, colours)}\n`);
    if (look.follows.length > 0) parts.push(followsView(look.follows, colours));
    if (look.fields.length > 0) parts.push(fieldsView(look.fields, colours));
    // A script's, or a sitemap's: there are no parts to tell apart.
    if (look.follows.length === 0 && look.links.length > 0) parts.push(linksView(look.links, colours));
    parts.push(...look.log.map((line) => `  ${colours.dim('log')} ${cell(line, 300)}`));
    parts.push(outcomeView(look, page, colours));
  }
  return parts.join('\n').trimEnd();
}

function pageView(
  { url, status, tookMs, robots, remarks, content, reason }: FetchedPage,
  colours: Colours,
): string {
  const mark = content === undefined ? colours.red('✗') : colours.green('✓');
  const facts =
    content === undefined
      ? [colours.red(cell(reason, 300))]
      : [String(status), cell(content.contentType, 60), bytes(content.body.length), `${tookMs} ms`];
  const delay =
    robots.crawlDelayMs === 0 ? '' : `, and wants ${robots.crawlDelayMs / 1000} s between requests`;
  const lines = [
    `${mark} ${colours.cyan(url)}  ${facts.join('  ')}`,
    ...(reason === robots.says ? [] : [colours.dim(`  ${robots.says}${delay}`)]),
    ...remarks.map((remark) => colours.yellow(`  ${cell(remark, 300)}`)),
  ];
  return `${lines.join('\n')}\n`;
}

function otherRules(rule: string, spec: TaskSpec, colours: Colours): string {
  const others = Object.keys(spec.rules).filter((name) => name !== rule);
  return others.length === 0 ? '' : colours.dim(`  (others, with --rule: ${others.join(', ')})`);
}

function followsView(follows: readonly FollowLook[], colours: Colours): string {
  return follows
    .map(({ to, place, isPagination, links, leftOutCount }) => {
      const what = isPagination ? 'more pages' : `→ ${to}`;
      const count =
        links.length === 0 ? colours.red('no links') : colours.green(plural(links.length, 'link'));
      const leftOut =
        leftOutCount === 0 ? '' : colours.yellow(`, ${leftOutCount} more left out by where or scope`);
      const shown = links.slice(0, SHOWN_LINKS).map((link) => `      ${linkText(link, colours)}\n`);
      const rest =
        links.length > SHOWN_LINKS ? colours.dim(`      … ${links.length - SHOWN_LINKS} more\n`) : '';
      return `  ${what}  ${colours.dim(cell(place, 100))}  ${count}${leftOut}\n${shown.join('')}${rest}`;
    })
    .join('');
}

function linksView(links: readonly FoundLink[], colours: Colours): string {
  const shown = links.slice(0, SHOWN_ITEMS).map((link) => `  → ${link.rule}  ${linkText(link, colours)}\n`);
  const rest = links.length > SHOWN_ITEMS ? colours.dim(`  … ${links.length - SHOWN_ITEMS} more\n`) : '';
  return shown.join('') + rest;
}

function linkText({ url, carried }: FoundLink, colours: Colours): string {
  const values = Object.entries(carried).map(([name, value]) => `${name}=${cell(valueText(value), 30)}`);
  return `${cell(url, 100)}${values.length === 0 ? '' : colours.dim(`  ${values.join(' ')}`)}`;
}

function fieldsView(fields: readonly FieldLook[], colours: Colours): string {
  const rows = fields.map((field) => [
    `  ${field.missCount === 0 ? colours.green('✓') : missMark(field, colours)} ${cell(field.name, 30)}`,
    colours.dim(cell(field.place, 50)),
    colours.dim(field.type),
    field.values.length === 0 ? '' : cell(field.values.map(shown).join('  ·  '), 70),
    missText(field, colours),
  ]);
  return renderTable([], rows, colours);
}

function missMark({ required }: FieldLook, colours: Colours): string {
  return required ? colours.red('✗') : colours.yellow('○');
}

function missText({ required, missCount, itemCount, miss }: FieldLook, colours: Colours): string {
  if (missCount === 0) return '';
  const where = itemCount === 1 ? '' : `${missCount} of ${itemCount}: `;
  const text = `${where}${cell(miss, 120)}`;
  return required ? colours.red(`${text} (required)`) : colours.yellow(text);
}

function shown(value: JsonValue): string {
  return typeof value === 'string' ? cell(value, 40) : cell(JSON.stringify(value), 40);
}

function outcomeView({ items, links, error }: Look, { url }: FetchedPage, colours: Colours): string {
  if (error !== '') return `${colours.red('✗')} The page would fail: ${colours.red(cell(error, 400))}\n`;
  const counts = `${plural(items.length, 'item')}, ${plural(links.length, 'link')}`;
  const head = `${colours.green('✓')} ${counts}\n`;
  if (items.length === 0) return head;
  const { head: columns, rows } = itemsView(items.slice(0, SHOWN_ITEMS).map((fields) => ({ fields, url })));
  // They are all of this page.
  const table = renderTable(
    columns.slice(0, -1),
    rows.map((row) => row.slice(0, -1)),
    colours,
  );
  const rest = items.length > SHOWN_ITEMS ? colours.dim(`… ${items.length - SHOWN_ITEMS} more\n`) : '';
  return `${head}\n${table}${rest}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
