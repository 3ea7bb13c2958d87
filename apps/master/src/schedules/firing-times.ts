import { Cron } from 'croner';
import type { ScheduleRecord } from '@app/resources';

/**
 * When schedules fire, in milliseconds since 1970. A local time that the clock leaps over in spring comes at the
 * leap; one that comes twice in autumn counts the first time.
 *
 * Patterns are compiled once, and of each the last answer is kept with the span that it holds for: most schedules
 * of a cluster share few patterns.
 */
export class FiringTimes {
  private readonly patterns = new Map<string, Pattern>();

  /** The first firing after that instant; undefined when it never fires, or its text says nothing to us. */
  nextAt({ cron, timeZone }: Pick<ScheduleRecord, 'cron' | 'timeZone'>, after: number): number | undefined {
    const pattern = this.pattern(cron, timeZone);
    const { known } = pattern;
    if (known !== undefined && known.from <= after && after < known.nextAt) return known.nextAt;
    const nextAt = pattern.cron?.nextRun(new Date(after))?.getTime();
    pattern.known = nextAt === undefined ? undefined : { from: after, nextAt };
    return nextAt;
  }

  private pattern(cron: string, timeZone: string): Pattern {
    const key = `${timeZone} ${cron}`;
    let pattern = this.patterns.get(key);
    if (pattern === undefined) {
      if (this.patterns.size >= MAX_PATTERNS) this.patterns.clear();
      this.patterns.set(key, (pattern = { cron: compiled(cron, timeZone), known: undefined }));
    }
    return pattern;
  }
}

interface Pattern {
  /** Undefined: another version of ours may have known what it means. */
  readonly cron: Cron | undefined;
  known: { from: number; nextAt: number } | undefined;
}

const MAX_PATTERNS = 10_000;

function compiled(pattern: string, timezone: string): Cron | undefined {
  try {
    const cron = new Cron(pattern, { timezone, paused: true });
    cron.nextRun();
    return cron;
  } catch {
    return undefined;
  }
}
