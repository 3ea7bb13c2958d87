import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ListTasksOptions } from '../commands/list.js';
import type { Streams } from '../streams.js';
import { clientOf, withConnection, withPaging } from './options.js';

/** What is to be crawled, and how it goes. */
export function taskCommands(program: Command, streams: Streams): void {
  const command = (usage: string, description: string) =>
    withConnection(program.command(usage).description(description));

  command(
    'add <file|name...>',
    'add tasks: each a YAML or JSON file, - for standard input, or the name of a task the workers have',
  )
    .option('--pending', 'keep a task without a worker while there is none')
    .addHelpText('after', examples('add examples/sample.yaml', 'add --pending tasks/*.yaml', 'add my_module'))
    .action(async (what: string[], options: { pending?: boolean }, self: Command) =>
      (await import('../commands/add.js')).add(clientOf(self, streams), what, options.pending ?? false),
    );
  command('get <name>', 'show a task: where it runs, how far it is, what it crawls').action(
    async (name: string, _: object, self: Command) =>
      (await import('../commands/get.js')).get(clientOf(self, streams), name),
  );
  command('explain <name>', 'say why a task is as it is, and what would change that').action(
    async (name: string, _: object, self: Command) =>
      (await import('../commands/explain.js')).explain(clientOf(self, streams), name),
  );
  withPaging(
    command('ls', 'list tasks with their state, pages, items and rate')
      .option('--node <id>', 'only those of this worker')
      .option('--prefix <text>', 'only names that begin so')
      .option('--query <text>', 'only names that have this in them')
      .addOption(new Option('--state <state…>', 'only those in one of these states').argParser(states))
      .addOption(
        new Option('--sort <by>', 'in this order; with a - before it, the other way round').choices(ORDERS),
      )
      .option('--watch', 'go on showing it as it changes, until q or Ctrl-C'),
  ).action(async (options: ListTasksOptions, self: Command) =>
    (await import('../commands/list.js')).list(clientOf(self, streams), options),
  );
  command(
    'set-spec <name> <file>',
    'replace what a task crawls; it starts over, unless only its pace changes',
  ).action(async (name: string, file: string, _: object, self: Command) =>
    (await import('../commands/set-spec.js')).setSpec(clientOf(self, streams), name, file),
  );
  command('specs <name> [revision]', 'show what a task crawled before; with a revision, that spec as a whole')
    .addHelpText(
      'after',
      examples('specs bookshop', 'specs bookshop 1815 > old.yaml && orbweaver set-spec bookshop old.yaml'),
    )
    .action(async (name: string, revision: string | undefined, _: object, self: Command) =>
      (await import('../commands/specs.js')).specs(clientOf(self, streams), name, revision),
    );
  command('pause <name...>', 'stop crawls where they stand; their schedules do not fire').action(
    async (names: string[], _: object, self: Command) =>
      (await import('../commands/control.js')).pause(clientOf(self, streams), names),
  );
  command('resume <name...>', 'let paused tasks go on where they stood').action(
    async (names: string[], _: object, self: Command) =>
      (await import('../commands/control.js')).resume(clientOf(self, streams), names),
  );
  command('restart <name...>', 'begin a new run: seeds are fetched again, what has not changed stays')
    .option('--from-scratch', 'forget every page and item of the runs before')
    .action(async (names: string[], options: { fromScratch?: boolean }, self: Command) =>
      (await import('../commands/control.js')).restart(
        clientOf(self, streams),
        names,
        options.fromScratch ?? false,
      ),
    );
  command('delete <name...>', 'stop and remove tasks').action(
    async (names: string[], _: object, self: Command) =>
      (await import('../commands/delete.js')).remove(clientOf(self, streams), names),
  );
}

export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ orbweaver ${line}`).join('\n')}`;
}

const STATES = ['pending', 'running', 'paused', 'done', 'failed', 'unknown'];
const ORDERS = ['name', 'state', 'worker', 'done', 'queued', 'failed', 'items', 'rate', 'error'].flatMap(
  (order) => [order, `-${order}`],
);

function states(text: string): string[] {
  const given = text.split(',').map((part) => part.trim());
  const wrong = given.find((state) => !STATES.includes(state));
  if (wrong === undefined) return given;
  throw new InvalidArgumentError(`"${wrong}" is none of ${STATES.join(', ')}.`);
}
