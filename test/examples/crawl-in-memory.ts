import { compileTask } from '@app/extract';
import { seedPages, type JsonValue, type Parser, type TaskSpec } from '@app/tasks';

/** The items of a crawl that nothing disturbs, in the order in which they were found. */
export async function crawlInMemory(
  spec: TaskSpec,
  parsers: Readonly<Record<string, Parser>> = {},
): Promise<Record<string, JsonValue>[]> {
  const task = compileTask(spec, parsers);
  const queue = seedPages(spec).map(({ url, rule }) => ({
    url,
    rule,
    depth: 0,
    carried: {} as Record<string, JsonValue>,
  }));
  const seen = new Set(queue.map(({ url }) => url));
  const items: Record<string, JsonValue>[] = [];
  for (const { url, rule, depth, carried } of queue) {
    const answer = await fetch(url);
    const contentType = answer.headers.get('content-type') ?? '';
    const body = Buffer.from(await answer.arrayBuffer());
    const extraction = await task.extract({ url, contentType, body, rule, depth, carried });
    items.push(...extraction.items);
    for (const link of extraction.links) {
      const linkDepth = link.isPagination ? depth : depth + 1;
      if (seen.has(link.url) || linkDepth > spec.maxDepth) continue;
      seen.add(link.url);
      queue.push({ url: link.url, rule: link.rule, depth: linkDepth, carried: link.carried });
    }
  }
  return items;
}
