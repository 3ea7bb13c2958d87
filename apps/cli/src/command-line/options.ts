import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '@app/config';
import { MasterApi } from '../api/master-api.js';
import type { Client } from '../commands/client.js';
import { contextsFile, readContexts, serversOf } from '../contexts/contexts.js';
import { FORMATS, type Format, Output } from '../output/output.js';
import type { Streams } from '../streams.js';

interface ConnectionOptions {
  server: string[];
  context: string;
  output: Format;
  timeout: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * How the masters are reached and how answers are shown: taken before the command and after it, where a command
 * may have an --output of its own.
 */
export function withConnection(command: Command): Command {
  return withServer(command).addOption(formatOption());
}

export function formatOption(): Option {
  return new Option('-o, --output <format>', 'how answers are shown (default: table)').choices(FORMATS);
}

export function withServer(command: Command): Command {
  const options = [
    serverOption(
      'REST addresses of masters; the next is tried when one is gone (default: http://127.0.0.1:8081)',
    ),
    new Option('--context <name>', 'the cluster that is called so (see orbweaver context)'),
    new Option('--timeout <duration>', 'how long one master may take to answer (default: 10s)').argParser(
      timeout,
    ),
  ];
  for (const option of options) command.addOption(option.helpGroup('The cluster to ask:'));
  return command;
}

export function serverOption(description: string): Option {
  return new Option('-s, --server <url,…>', description).argParser(servers);
}

/**
 * The masters are those of --server, else of --context, ORBWEAVER_SERVER, ORBWEAVER_CONTEXT, the current context,
 * the default, whichever is first; what comes after the command counts more than what comes before it.
 */
export function clientOf(command: Command, streams: Streams, env = process.env): Client {
  const given = givenTo(command);
  return {
    api: new MasterApi(given.server ?? serversFrom(given.context, env), given.timeout ?? DEFAULT_TIMEOUT_MS),
    output: new Output(formatOf(command), streams),
    streams,
  };
}

export function formatOf(command: Command): Format {
  const { output } = givenTo(command);
  return FORMATS.find((known) => known === output) ?? 'table';
}

function givenTo(command: Command): Partial<ConnectionOptions> {
  const before = command.parent === null ? {} : givenTo(command.parent);
  return { ...before, ...command.opts<Partial<ConnectionOptions>>() };
}

/** Those of the context, of ORBWEAVER_SERVER, of the current context, or the default. */
export function serversFrom(
  context: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  if (context === undefined && env['ORBWEAVER_SERVER']) return servers(env['ORBWEAVER_SERVER']);
  return (
    serversOf(readContexts(contextsFile(env)), context ?? (env['ORBWEAVER_CONTEXT'] || undefined)) ?? [
      'http://127.0.0.1:8081',
    ]
  );
}

/** Of commands that list. */
export function withPaging(command: Command): Command {
  return command
    .addOption(new Option('--limit <n>', 'show at most so many').default(100).argParser(wholeNumber))
    .option('--all', 'all of them, whatever the limit')
    .option('--page-token <token>', 'go on where the last list ended');
}

export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}

/** In milliseconds since 1970. */
export function instant(text: string): number {
  const agoMs = parseDuration(text);
  const at = agoMs === undefined ? Date.parse(text) : Date.now() - agoMs;
  if (!Number.isNaN(at)) return at;
  throw new InvalidArgumentError(
    'Expected a duration such as 10m, or an instant such as 2026-11-22T14:52:00Z.',
  );
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
