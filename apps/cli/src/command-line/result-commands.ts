import { type Command, Option } from 'commander';
import type { ListOptions } from '../commands/client.js';
import { RESULT_FORMATS, type ResultFormat, type ResultOptions } from '../commands/results.js';
import type { Streams } from '../streams.js';
import { clientOf, withConnection, withPaging, withServer } from './options.js';
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
    .option('--output <file>', 'write to this file, which is there as a whole or not at all')
    .addHelpText(
      'after',
      examples(
        'results bookshop',
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
  withConnection(
    program.command('retry <name...>').description('try the failed pages of tasks again'),
  ).action(async (names: string[], _: object, self: Command) =>
    (await import('../commands/control.js')).retry(clientOf(self, streams), names),
  );
}
