import type { Command } from 'commander';
import { Output } from '../output/output.js';
import type { Streams } from '../streams.js';
import { formatOf, formatOption, serverOption } from './options.js';

/** Which cluster is meant when no command says. */
export function contextCommands(program: Command, streams: Streams): void {
  const output = (command: Command): Output => new Output(formatOf(command), streams);
  const context = program.command('context').description('clusters by name: list, set, use, delete');
  context
    .command('ls', { isDefault: true })
    .description('list them')
    .addOption(formatOption())
    .action(async (_: object, self: Command) =>
      (await import('../commands/context.js')).listContexts(output(self)),
    );
  context
    .command('set <name>')
    .description('make one, or change its masters')
    .addOption(serverOption('REST addresses of its masters'))
    .action(async (name: string, { server }: { server?: string[] }, self: Command) =>
      (await import('../commands/context.js')).setContext(name, server, output(self)),
    );
  context
    .command('use <name>')
    .description('mean this one from now on')
    .action(async (name: string, _: object, self: Command) =>
      (await import('../commands/context.js')).useContext(name, output(self)),
    );
  context
    .command('delete <name>')
    .description('forget one')
    .action(async (name: string, _: object, self: Command) =>
      (await import('../commands/context.js')).deleteContext(name, output(self)),
    );
}
