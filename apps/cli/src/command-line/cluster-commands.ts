import { type Command, InvalidArgumentError, Option } from 'commander';
import { KINDS, type ProfileOptions } from '../commands/profile.js';
import type { Streams } from '../streams.js';
import { clientOf, wholeNumber, withConnection, withServer } from './options.js';
import { examples } from './task-commands.js';

/** Who does the work. */
export function clusterCommands(program: Command, streams: Streams): void {
  const command = (usage: string, description: string) =>
    withConnection(program.command(usage).description(description));

  command('top', 'watch the cluster: who leads, what workers do, the busiest tasks').action(
    async (_: object, self: Command) => (await import('../commands/top.js')).top(clientOf(self, streams)),
  );
  command('nodes', 'list workers with their load').action(async (_: object, self: Command) =>
    (await import('../commands/nodes.js')).nodes(clientOf(self, streams)),
  );
  command('drain <node>', 'give a worker nothing new and move away what it has').action(
    async (id: string, _: object, self: Command) =>
      (await import('../commands/nodes.js')).drain(clientOf(self, streams), id),
  );
  command('undrain <node>', 'let a drained worker take tasks again').action(
    async (id: string, _: object, self: Command) =>
      (await import('../commands/nodes.js')).undrain(clientOf(self, streams), id),
  );
  command('leader', 'show who leads, since when, and the other masters').action(
    async (_: object, self: Command) =>
      (await import('../commands/leader.js')).leader(clientOf(self, streams)),
  );
  command('events', 'show what happens to the cluster, as it happens').action(
    async (_: object, self: Command) =>
      (await import('../commands/events.js')).events(clientOf(self, streams)),
  );
  withServer(
    program
      .command('profile <node>')
      .description('take a profile of a master or a worker: where its time goes, or what holds its memory'),
  )
    .addOption(new Option('--kind <kind>', 'what of').choices(KINDS).default('cpu'))
    .addOption(new Option('--seconds <n>', 'how long, of cpu').default(10).argParser(seconds))
    .option('--output <file>', 'write to this file (default: NODE-KIND.pb.gz)')
    .addHelpText(
      'after',
      `\nNODE is an id as nodes and leader show it, or its end, as in worker-1.\n${examples(
        'profile worker-1',
        'profile master-2 --seconds=30 --output=leader.pb.gz',
        'profile worker-1 --kind=heap && go tool pprof -http=: worker-1-heap.pb.gz',
      )}`,
    )
    .action(async (node: string, options: ProfileOptions, self: Command) =>
      (await import('../commands/profile.js')).profile(clientOf(self, streams), node, options),
    );
}

function seconds(text: string): number {
  const given = wholeNumber(text);
  if (given <= MOST_SECONDS) return given;
  throw new InvalidArgumentError(`Expected at most ${MOST_SECONDS}.`);
}

const MOST_SECONDS = 300;
