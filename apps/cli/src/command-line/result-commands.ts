import { type Command, Option } from 'commander';
import type { ListOptions } from '../commands/client.js';
import { LEVELS, type LogsOptions } from '../commands/logs.js';
import { RESULT_FORMATS, type ResultFormat, type ResultOptions } from '../commands/results.js';
import type { Streams } from '../streams.js';
import { clientOf, instant, wholeNumber, withConnection, withPaging, withServer } from './options.js';
import { examples } from './task-commands.js';

/** What crawls have found, and what they could not. */
export function resultCommands(program: Command, streams: Streams): void {
  withServer(
    withPaging(program.command('results <name>').description('show or save the items that a task has found')),
  )
    .addOption(
      new Option(
        '-o, --format <format>',
        'a table of some, or a file of all (default: table, or as the file is named)',
      ).choices(RESULT_FORMATS),
    )
    .option('--contains <text>', 'only items with this text in their URL, rule or data, whatever its case')
    .option('--output <file>', 'write to this file, which is there as a whole or not at all')
    .addHelpText(
      'after',
      examples(
        'results bookshop',
        'results bookshop --contains=tolstoy',
        'results bookshop --output=books.csv',
        'results bookshop --format=jsonl | jq .title',
        'results bookshop --format=parquet --output=books.parquet',
      ),
    )
    .action(async (name: string, options: ResultOptions & { format?: ResultFormat }, self: Command) =>
      (await import('../commands/results.js')).results(clientOf(self, streams), name, options),
    );
  const listing = (usage: string, description: string) =>
    withPaging(withConnection(program.command(usage).description(description)));
  listing('pages <name>', 'show the pages that a task has fetched').action(
    async (name: string, options: ListOptions, self: Command) =>
      (await import('../commands/pages.js')).pages(clientOf(self, streams), name, options),
  );
  listing('failures <name>', 'show the pages that failed, and why').action(
    async (name: string, options: ListOptions, self: Command) =>
      (await import('../commands/pages.js')).failures(clientOf(self, streams), name, options),
  );
  const one = (usage: string, description: string) =>
    withConnection(program.command(usage).description(description));
  one('logs <name>', 'show what a task has said, and with --follow what it says')
    .option('-f, --follow', 'go on until Ctrl-C, whichever masters and workers come and go')
    .addOption(new Option('--tail <n>', 'only the last lines of those that are kept').argParser(wholeNumber))
    .addOption(
      new Option('--since <when>', 'only from then on: an instant, or how long ago, such as 10m').argParser(
        instant,
      ),
    )
    .addOption(new Option('--level <level>', 'only lines of this level, and worse').choices(LEVELS))
    .addHelpText(
      'after',
      examples(
        'logs bookshop --follow',
        'logs bookshop --since=10m --level=warn',
        'logs bookshop -o json | jq \'select(.traceId != "") | .traceId\'',
      ),
    )
    .action(async (name: string, options: LogsOptions, self: Command) =>
      (await import('../commands/logs.js')).logs(clientOf(self, streams), name, options),
    );
  one('hosts <name>', 'show the hosts that a task is at, and why those wait that do').action(
    async (name: string, _: object, self: Command) =>
      (await import('../commands/hosts.js')).hosts(clientOf(self, streams), name),
  );
  one('history <name>', 'show how a crawl went over time, and how its hosts answered').action(
    async (name: string, _: object, self: Command) =>
      (await import('../commands/history.js')).history(clientOf(self, streams), name),
  );
  withConnection(
    program.command('retry <name...>').description('try the failed pages of tasks again'),
  ).action(async (names: string[], _: object, self: Command) =>
    (await import('../commands/control.js')).retry(clientOf(self, streams), names),
  );
}
