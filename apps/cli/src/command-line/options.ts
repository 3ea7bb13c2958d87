import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '@app/config';
import { MasterApi } from '../api/master-api.js';
import type { Client } from '../commands/client.js';
import { FORMATS, type Format, Output } from '../output/output.js';
import type { Streams } from '../streams.js';

interface ConnectionOptions {
  server: string[];
  output: Format;
  timeout: number;
}

const DEFAULTS: ConnectionOptions = {
  server: ['http://127.0.0.1:8081'],
  output: 'table',
  timeout: 10_000,
};

/**
 * How the masters are reached and how answers are shown: taken before the command and after it, where a command
 * may have an --output of its own.
 */
export function withConnection(command: Command): Command {
  return withServer(command).addOption(
    new Option('-o, --output <format>', 'how answers are shown (default: table)').choices(FORMATS),
  );
}

export function withServer(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-s, --server <url,…>',
        'REST addresses of masters; the next is tried when one is gone (default: http://127.0.0.1:8081)',
      ).argParser(servers),
    )
    .addOption(
      new Option('--timeout <duration>', 'how long one master may take to answer (default: 10s)').argParser(
        timeout,
      ),
    );
}

/** What the command line, then the environment, then the defaults say; what comes after the command counts most. */
export function clientOf(command: Command, streams: Streams, env = process.env): Client {
  const given: ConnectionOptions = {
    ...DEFAULTS,
    ...(env['ORBWEAVER_SERVER'] ? { server: servers(env['ORBWEAVER_SERVER']) } : {}),
    ...command.parent?.opts<Partial<ConnectionOptions>>(),
    ...command.opts<Partial<ConnectionOptions>>(),
  };
  const format = FORMATS.find((known) => known === given.output) ?? DEFAULTS.output;
  return {
    api: new MasterApi(given.server, given.timeout),
    output: new Output(format, streams),
    streams,
  };
}

/** Of commands that list. */
export function withPaging(command: Command): Command {
  return command
    .addOption(
      new Option('--limit <n>', 'show at most so many').default(100).argParser((text) => {
        if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
        throw new InvalidArgumentError('Expected a whole number of at least 1.');
      }),
    )
    .option('--all', 'all of them, whatever the limit')
    .option('--page-token <token>', 'go on where the last list ended');
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
