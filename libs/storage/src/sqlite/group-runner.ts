import { OrbweaverError } from '@app/errors';
import type { Connection } from './connection.js';
import type { HostIds } from './host-ids.js';
import { reads, writes } from './operations/index.js';
import type { Retention } from './retention.js';
import type { StoreFile } from './store-file.js';
import { answerOf, type Answer, type Call, type Group, type Reply } from './thread-protocol.js';
import type { Work } from './work.js';

type Operation = (work: Work, ...args: readonly unknown[]) => unknown;

/** Does what waited together in as few transactions as possible, none of them long. */
export class GroupRunner {
  constructor(
    private readonly file: StoreFile,
    private readonly hosts: HostIds,
    private readonly retention: Retention,
  ) {}

  async run({ now, calls }: Group): Promise<Reply> {
    const answers = new Map<Call, Answer>();
    const waiting: Call[] = [];
    for (const call of calls) {
      if (call.name in writes) waiting.push(call);
      else answers.set(call, await this.#read(call, now));
    }
    while (waiting.length > 0) {
      const done = await this.#write(waiting, now);
      done.forEach((answer, index) => answers.set(waiting[index] as Call, answer));
      waiting.splice(0, done.length);
    }
    return calls.map((call) => answers.get(call) as Answer);
  }

  async #read(call: Call, now: number): Promise<Answer> {
    const operation = (reads as Record<string, Operation>)[call.name] as Operation;
    try {
      return {
        value: await this.file.read((db) => operation(this.#work(db, now), ...call.args)),
      };
    } catch (error) {
      return answerOf(error);
    }
  }

  /** Answers of the first calls, which one transaction did; of one alone when it spoils the transaction. */
  async #write(calls: readonly Call[], now: number): Promise<Answer[]> {
    try {
      return await this.file.write((db) => {
        const startedAt = performance.now();
        const answers: Answer[] = [];
        for (const call of calls) {
          answers.push(this.#perform(call, this.#work(db, now)));
          if (performance.now() - startedAt > LONG_MS) break;
        }
        return answers;
      });
    } catch (error) {
      this.hosts.clear();
      const isStores = error instanceof OrbweaverError;
      if (isStores) return calls.map(() => answerOf(error));
      return calls.length === 1 ? [answerOf(error)] : this.#write(calls.slice(0, 1), now);
    }
  }

  #work(db: Connection, now: number): Work {
    return { db, hosts: this.hosts, now, retention: this.retention };
  }

  #perform({ name, args }: Call, work: Work): Answer {
    const operation = (writes as Record<string, Operation>)[name] as Operation;
    try {
      return { value: operation(work, ...args) };
    } catch (error) {
      // It has changed nothing: the others of the transaction may go on.
      if (error instanceof OrbweaverError) return answerOf(error);
      throw error;
    }
  }
}

/** Other processes wait for the file meanwhile. */
const LONG_MS = 100;
