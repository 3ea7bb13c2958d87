import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseDuration, productVersion } from '@app/config';
import type { Client, ListOptions } from './commands/client.js';
import { MasterApi, sentence } from './api/master-api.js';
import { EXIT, type ExitCode } from './failure.js';
import { FORMATS, type Format, Output } from './output/output.js';
import { programs } from './programs.js';
import type { Streams } from './streams.js';

interface GlobalOptions {
  server: string[];
  output: Format;
  timeout: number;
}

const FOOTER = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 unavailable (the same command may work later).
Environment: ORBWEAVER_SERVER for --server, NO_COLOR for no colours.

Examples:
  $ orbweaver up                          a cluster on this machine
  $ orbweaver add examples/sample.yaml    crawl what the file says
  $ orbweaver ls --node go.micro.server.worker-1
  $ orbweaver results bookshop -o json`;

/** The commands that talk to the masters. Each is loaded when it is called. */
export async function runClient(argv: readonly string[], streams: Streams): Promise<ExitCode> {
  const program = new Command('orbweaver')
    .description('A distributed crawler: highly available masters, durable and polite workers.')
    .version(`orbweaver ${productVersion()}`)
    .addOption(
      new Option('-s, --server <url,…>', 'REST addresses of masters; the next is tried when one is gone')
        .env('ORBWEAVER_SERVER')
        .default(['http://127.0.0.1:8081'], 'http://127.0.0.1:8081')
        .argParser(servers),
    )
    .addOption(new Option('-o, --output <format>', 'how answers are shown').choices(FORMATS).default('table'))
    .addOption(
      new Option('--timeout <duration>', 'how long one master may take to answer')
        .default(10_000, '10s')
        .argParser(timeout),
    )
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
      outputError: (text, write) => write(`${sentence(text.replace(/^error: /, '').trim())}\n`),
    })
    .addHelpText('after', FOOTER)
    .helpCommand('help [command]', 'explain a command')
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
  program.commandsGroup('Ask a cluster:');
  const client = (): Client => {
    const { server, output, timeout } = program.opts<GlobalOptions>();
    return { api: new MasterApi(server, timeout), output: new Output(output, streams), stdin: streams.stdin };
  };

  program
    .command('add <file|name...>')
    .description(
      'add tasks: each a YAML or JSON file, - for standard input, or the name of a task the workers have',
    )
    .option('--pending', 'keep a task without a worker while there is none')
    .action(async (what: string[], options: { pending?: boolean }) =>
      (await import('./commands/add.js')).add(client(), what, options.pending ?? false),
    );
  program
    .command('delete <name...>')
    .description('stop and remove tasks')
    .action(async (names: string[]) => (await import('./commands/delete.js')).remove(client(), names));
  program
    .command('get <name>')
    .description('show a task: where it runs, how far it is, what it crawls')
    .action(async (name: string) => (await import('./commands/get.js')).get(client(), name));
  program
    .command('ls')
    .description('list tasks')
    .option('--node <id>', 'only those of this worker')
    .option('--prefix <text>', 'only names that begin so')
    .addOption(limitOption())
    .option('--all', 'all of them, whatever the limit')
    .option('--page-token <token>', 'go on where the last list ended')
    .action(async (options: ListOptions & { node?: string; prefix?: string }) =>
      (await import('./commands/list.js')).list(client(), options),
    );
  program
    .command('set-spec <name> <file>')
    .description('replace what a task crawls; it starts over')
    .action(async (name: string, file: string) =>
      (await import('./commands/set-spec.js')).setSpec(client(), name, file),
    );
  program
    .command('results <name>')
    .description('show the pages that a task has stored')
    .addOption(limitOption())
    .option('--all', 'all of them, whatever the limit')
    .option('--page-token <token>', 'go on where the last list ended')
    .action(async (name: string, options: ListOptions) =>
      (await import('./commands/results.js')).results(client(), name, options),
    );
  program
    .command('nodes')
    .description('list workers with their load')
    .action(async () => (await import('./commands/nodes.js')).nodes(client()));
  program
    .command('drain <node>')
    .description('give a worker nothing new and move away what it has')
    .action(async (id: string) => (await import('./commands/nodes.js')).drain(client(), id));
  program
    .command('undrain <node>')
    .description('let a drained worker take tasks again')
    .action(async (id: string) => (await import('./commands/nodes.js')).undrain(client(), id));
  program
    .command('leader')
    .description('show who leads, since when, and the other masters')
    .action(async () => (await import('./commands/leader.js')).leader(client()));

  try {
    await program.parseAsync(argv, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed it already.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

function limitOption(): Option {
  return new Option('--limit <n>', 'show at most so many').default(100).argParser((text) => {
    if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
    throw new InvalidArgumentError('Expected a whole number of at least 1.');
  });
}

function servers(text: string): string[] {
  const urls = text.split(',').map((part) => part.trim());
  const wrong = urls.find((url) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol));
  if (wrong === undefined) return urls;
  throw new InvalidArgumentError(`"${wrong}" is not a URL such as http://127.0.0.1:8081.`);
}

function timeout(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError('Expected a duration such as 10s.');
}
