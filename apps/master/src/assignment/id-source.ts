import { OrbweaverError } from '@app/errors';
import { op } from '@app/etcd';
import { IdGenerator, keys } from '@app/resources';
import type { Committer } from './committer.js';

/**
 * IDs for the resources of one term. They lie above the mark that was found in etcd and below the one that
 * this leader has written there, so they repeat under no clock: see IdGenerator. The mark moves ahead while
 * IDs are given, some seconds at a time and in good time, so that adding does not wait for it.
 */
export class IdSource {
  private moving: Promise<void> | undefined;

  private constructor(
    private readonly committer: Pick<Committer, 'read' | 'submit'>,
    private readonly node: number,
    private readonly now: () => number,
    private generator: IdGenerator,
    private markRevision: bigint,
  ) {}

  static async open(
    committer: Pick<Committer, 'read' | 'submit'>,
    node: number,
    now: () => number = Date.now,
  ): Promise<IdSource> {
    const [mark] = await committer.read(keys.clock);
    const generator = new IdGenerator(node, { floorMs: markOf(mark?.value), now });
    const source = new IdSource(committer, node, now, generator, mark?.modRevision ?? 0n);
    await source.moveMark();
    return source;
  }

  /** Whether `next` can be called now; if not, `prepare`. */
  get ready(): boolean {
    // In good time. A failure meets whoever has to wait for it, in `prepare`.
    if (this.generator.needsMark() !== undefined) this.moveMark().catch(() => undefined);
    return this.generator.ready;
  }

  async prepare(): Promise<void> {
    while (!this.generator.ready) await this.moveMark();
  }

  next(): string {
    return this.generator.next();
  }

  private moveMark(): Promise<void> {
    this.moving ??= this.writeMark().finally(() => {
      this.moving = undefined;
    });
    return this.moving;
  }

  private async writeMark(): Promise<void> {
    const markMs = this.generator.needsMark();
    if (markMs === undefined) return;
    const outcome = await this.committer.submit({
      expects: [{ key: keys.clock, modRevision: this.markRevision }],
      ops: [op.put(keys.clock, String(markMs))],
    });
    if (outcome.kind === 'committed') {
      this.markRevision = outcome.revision;
      this.generator.allow(markMs);
      return;
    }
    // An earlier attempt of ours whose answer was lost, or a foreign hand: nothing up to there is ours.
    const [found] = outcome.found;
    const floorMs = Math.max(markOf(found?.value), markMs);
    this.generator = new IdGenerator(this.node, { floorMs, now: this.now });
    this.markRevision = found?.modRevision ?? 0n;
  }
}

function markOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new OrbweaverError(
    'FAILED_PRECONDITION',
    `${keys.clock} holds ${JSON.stringify(text)}, not milliseconds: IDs could repeat; set it above every ID's time`,
  );
}
