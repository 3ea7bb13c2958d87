import type { MasterProcess } from './master-process.js';

/** Adds resources one after the other through some masters, and remembers what was acknowledged. */
export class WriteStream {
  readonly acknowledged = new Set<string>();
  readonly failed: string[] = [];
  private stopped = false;
  private next = 0;
  private readonly writers: Promise<void>[];

  constructor(masters: readonly MasterProcess[], { width = 8, prefix = 'stream' } = {}) {
    this.writers = Array.from({ length: width }, (_, i) =>
      this.write(masters[i % masters.length] as MasterProcess, prefix),
    );
  }

  async end(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.writers);
  }

  private async write(master: MasterProcess, prefix: string): Promise<void> {
    while (!this.stopped) {
      const name = `${prefix}-${this.next++}`;
      try {
        await master.add(name);
      } catch (error) {
        this.failed.push(`${name}: ${String(error)}`);
        continue;
      }
      this.acknowledged.add(name);
    }
  }
}
