import { type Command, InvalidArgumentError, Option } from 'commander';
import type { JsonValue } from '@app/tasks';
import type { TryOptions } from '../commands/try.js';
import { FORMATS, type Format, Output } from '../output/output.js';
import type { Streams } from '../streams.js';
import { examples } from './task-commands.js';

/** The loop in which tasks are written. Needs no cluster. */
export function tryCommand(program: Command, streams: Streams): void {
  program
    .command('try <file> [url]')
    .description('fetch one page now and show what each part of the task finds on it')
    .option('--rule <name>', 'the rule that is to read the page (default: that of the seeds)')
    .addOption(
      new Option('--carry <json>', 'what the link that leads here would carry along, as a JSON object')
        .default({}, 'nothing')
        .argParser(carried),
    )
    .option('-w, --watch', 'again after each change of the file; the page is fetched once')
    .addOption(
      new Option('-o, --output <format>', 'how the answer is shown').choices(FORMATS).default('table'),
    )
    .addHelpText(
      'after',
      `
The page is the first seed unless another is named, fetched once, with the settings of the task; robots.txt is
asked first. Nothing is stored, nothing is followed. FILE is YAML, JSON, - for standard input, or a module (.ts).
${examples(
  'try tasks/books.yaml',
  'try tasks/books.yaml http://books.test/book/7 --rule=detail --watch',
  'try tasks/books.ts -o json | jq .items',
)}`,
    )
    .action(async (file: string, url: string | undefined, options: TryOptions & { output: Format }) => {
      const { tryTask } = await import('../commands/try.js');
      await tryTask({ output: new Output(options.output, streams), streams }, file, url, options);
    });
}

function carried(text: string): Record<string, JsonValue> {
  try {
    const value = JSON.parse(text) as JsonValue;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below, as what is JSON and no object is.
  }
  throw new InvalidArgumentError('Expected a JSON object such as \'{"tag":"novel"}\'.');
}
