import { Command, CommanderError } from 'commander';
import { productVersion } from '@app/config';
import { sentence } from './api/master-api.js';
import { clusterCommands } from './command-line/cluster-commands.js';
import { contextCommands } from './command-line/context-commands.js';
import { withConnection } from './command-line/options.js';
import { resultCommands } from './command-line/result-commands.js';
import { taskCommands } from './command-line/task-commands.js';
import { tryCommand } from './command-line/try-command.js';
import { EXIT, type ExitCode } from './failure.js';
import { programs } from './programs.js';
import type { Streams } from './streams.js';

const FOOTER = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 unavailable (the same command may work later),
130 interrupted.
Environment: ORBWEAVER_SERVER for --server, ORBWEAVER_CONTEXT for --context, NO_COLOR for no colours.

Examples:
  $ orbweaver up                                      a cluster on this machine
  $ orbweaver try examples/sample.yaml                what the task finds on its first page, here and now
  $ orbweaver add examples/sample.yaml                crawl what the file says
  $ orbweaver results bookshop --output=books.csv     what it has found
  $ orbweaver failures bookshop                       what it could not, and why
  $ orbweaver logs bookshop --follow                  what it says`;

/**
 * Loaded only where it is asked for: a shell asks each time that somebody presses Tab. Gives the command line as the
 * library understands it.
 */
async function completion(program: Command, argv: readonly string[]): Promise<readonly string[]> {
  if (argv[0] === 'completion' || argv[0] === 'complete') {
    const { default: completed } = await import('@bomb.sh/tab/commander');
    const root = completed(program, { completionCommandName: 'completion' });
    if (argv[0] !== 'complete') return argv;
    const { addNames, separated } = await import('./command-line/names.js');
    await addNames(root, argv.slice(argv.indexOf('--') + 1));
    return separated(argv);
  } else {
    program
      .command('completion <shell>')
      .description('print what makes bash, zsh, fish or powershell complete commands: source it')
      .addHelpText('after', '\nExample:\n  $ source <(orbweaver completion bash)');
    return argv;
  }
}

/** The commands that are no program of their own. Each is loaded when it is called. */
export async function runClient(argv: readonly string[], streams: Streams): Promise<ExitCode> {
  const program = withConnection(new Command('orbweaver'))
    .description('A distributed crawler: highly available masters, durable and polite workers.')
    .version(`orbweaver ${productVersion()}`)
    .enablePositionalOptions()
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
      outputError: (text, write) => write(`${sentence(text.replace(/^error: /, '').trim())}\n`),
    })
    .addHelpText('after', FOOTER)
    .showHelpAfterError('See orbweaver --help.')
    .exitOverride();

  program.commandsGroup('Run:');
  for (const [name, { summary }] of Object.entries(programs)) {
    program
      .command(name)
      .description(summary)
      .usage('[--flag=value …]')
      .helpOption(false)
      .allowUnknownOption();
  }
  program.commandsGroup('Write tasks:');
  tryCommand(program, streams);
  program.commandsGroup('Tasks:');
  taskCommands(program, streams);
  program.commandsGroup('Results:');
  resultCommands(program, streams);
  program.commandsGroup('The cluster:');
  clusterCommands(program, streams);
  program.commandsGroup('Your side:');
  contextCommands(program, streams);
  program.helpCommand('help [command]', 'explain a command');
  const line = await completion(program, argv);

  try {
    await program.parseAsync(line, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed it already.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}
