import type { LogLimits } from '@app/crawl';
import type { Call, Database, Statement } from '../database.js';

const TRIM: Statement = { name: 'log_trim', text: 'SELECT trim_log($1, $2, $3, $4)' };

/** Of several processes that look after logs, each has others. */
const OLD: Statement = {
  name: 'log_old',
  text: 'SELECT resource FROM task_log WHERE oldest_at < now_ms() - $1 ORDER BY oldest_at LIMIT 20 FOR UPDATE SKIP LOCKED',
};

export function trimming(resource: string, { lines, bytes, ageMs }: LogLimits): Call {
  return [TRIM, resource, lines, bytes, ageMs];
}

/** Takes lines that are too old from some logs. False when there are none. */
export function trimSome(database: Database, limits: LogLimits): Promise<boolean> {
  return database.dialogue(async (query) => {
    const logs = await query(OLD, limits.ageMs);
    for (const { resource } of logs) await query(...trimming(resource as string, limits));
    return logs.length > 0;
  });
}
