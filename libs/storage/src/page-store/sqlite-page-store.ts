import type {
  Claim,
  ClaimRequest,
  CrawlProgress,
  FinishedPage,
  PageResult,
  PageStore,
  TakenPage,
} from '@app/crawl';
import { Database } from './database.js';
import { migrate } from './migrations.js';
import { ack } from './operations/ack.js';
import { claim } from './operations/claim.js';
import { finish } from './operations/finish.js';
import { listPages } from './operations/list-pages.js';
import { purge } from './operations/purge.js';
import { readProgress } from './operations/read-progress.js';
import { release } from './operations/release.js';
import { take } from './operations/take.js';

/** The page store in an SQLite file. Each operation but `purge` is one transaction, in a file of its own. */
export class SqlitePageStore implements PageStore {
  private constructor(private readonly database: Database) {}

  static async open(path: string): Promise<SqlitePageStore> {
    const database = await Database.open(path);
    try {
      await database.transaction(() => migrate(database));
    } catch (error) {
      database.close();
      throw error;
    }
    return new SqlitePageStore(database);
  }

  async claim(request: ClaimRequest): Promise<Claim> {
    const claimed = await this.database.transaction(() => claim(this.database, request, Date.now()));
    await purge(this.database);
    return claimed;
  }

  take(held: Claim, host: string, limit: number): Promise<TakenPage[]> {
    return this.database.transaction(() => take(this.database, held, host, limit));
  }

  ack(held: Claim, results: readonly PageResult[]): Promise<{ room: number }> {
    return this.database.transaction(() => ack(this.database, held, results));
  }

  release(held: Claim): Promise<void> {
    return this.database.transaction(() => release(this.database, held));
  }

  finish(held: Claim): Promise<boolean> {
    return this.database.transaction(() => finish(this.database, held, Date.now()));
  }

  pages(resource: string, after: number, limit: number): Promise<FinishedPage[]> {
    return this.database.read(() => listPages(this.database, resource, after, limit));
  }

  progress(resource: string): Promise<CrawlProgress | undefined> {
    return this.database.read(() => readProgress(this.database, resource));
  }

  close(): void {
    this.database.close();
  }
}
