import type { Command } from 'commander';
import type { Streams } from '../streams.js';
import { clientOf, withConnection, withServer } from './options.js';

/** Who does the work. */
export function clusterCommands(program: Command, streams: Streams): void {
  const command = (usage: string, description: string) =>
    withConnection(program.command(usage).description(description));

  withServer(
    program.command('top').description('watch the cluster: who leads, what workers do, the busiest tasks'),
  ).action(async (_: object, self: Command) =>
    (await import('../commands/top.js')).top(clientOf(self, streams)),
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
}
