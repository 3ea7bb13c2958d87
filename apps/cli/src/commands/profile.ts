import type { Client } from './client.js';
import { nodeNamed } from './node-name.js';
import { EXIT, Failure } from '../failure.js';
import { interruptible } from '../interruptible.js';
import { saveFile } from '../output/save-file.js';
import { Terminal } from '../output/terminal.js';
import { bytes } from '../output/times.js';

export const KINDS = ['cpu', 'heap'] as const;

export interface ProfileOptions {
  kind: (typeof KINDS)[number];
  seconds: number;
  output?: string;
}

const DRAW_EVERY_MS = 200;

/** Where a master or a worker spends its time or holds its memory, as a file for `go tool pprof`. */
export function profile(client: Client, node: string, options: ProfileOptions): Promise<void> {
  return interruptible(async (signal) => {
    const id = await nodeOf(client, node);
    const { kind } = options;
    const { output: file = `${id.slice(id.lastIndexOf('.') + 1)}-${kind}.pb.gz` } = options;
    const seconds = kind === 'cpu' ? options.seconds : undefined;
    const terminal = new Terminal(client.streams.stderr);
    const stopWatch = watched(terminal, `Profiling ${id}`, seconds ?? 0);
    try {
      const size = await saveFile(file, await client.api.profile(id, { kind, seconds }, signal));
      terminal.settle(`Wrote ${file}, ${bytes(size)}. Look at it with: go tool pprof -http=: ${file}`);
    } finally {
      stopWatch();
      terminal.clear();
    }
  });
}

function watched(terminal: Terminal, label: string, seconds: number): () => void {
  const startedAt = performance.now();
  const draw = (): void => {
    const passed = Math.min(seconds, (performance.now() - startedAt) / 1_000);
    terminal.progressBar(
      label,
      passed,
      seconds,
      seconds === 0 ? '…' : `${Math.floor(passed)} of ${seconds} s`,
    );
  };
  draw();
  const timer = setInterval(draw, DRAW_EVERY_MS);
  return () => clearInterval(timer);
}

async function nodeOf({ api }: Client, node: string): Promise<string> {
  const [{ nodes }, { masters }] = await Promise.all([api.nodes(), api.masters()]);
  const ids = [...masters, ...nodes].map(({ id }) => id);
  const found = nodeNamed(ids, node);
  if (found !== undefined) return found;
  const known = ids.map((id) => id.slice(id.lastIndexOf('.') + 1)).join(', ');
  throw new Failure(EXIT.notFound, `There is no node ${JSON.stringify(node)}; there are ${known || 'none'}.`);
}
