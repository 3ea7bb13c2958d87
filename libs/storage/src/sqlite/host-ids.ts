import type { Connection } from './connection.js';

/** Numbers of the hosts of crawls, those of late kept at hand. */
export class HostIds {
  readonly #known = new Map<string, number>();

  find(db: Connection, crawlId: number, name: string): number | undefined {
    const key = `${crawlId} ${name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = db.get('SELECT id FROM host WHERE crawl = ? AND name = ?', crawlId, name)?.id;
    if (id === undefined) return undefined;
    return this.#keep(key, Number(id));
  }

  findOrAdd(db: Connection, crawlId: number, name: string): number {
    return (
      this.find(db, crawlId, name) ??
      this.#keep(
        `${crawlId} ${name}`,
        db.insert('INSERT INTO host (crawl, name) VALUES (?, ?)', crawlId, name),
      )
    );
  }

  /** After a transaction that was undone: it may have added some. */
  clear(): void {
    this.#known.clear();
  }

  #keep(key: string, id: number): number {
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(key, id);
    return id;
  }
}

const MOST = 20_000;
