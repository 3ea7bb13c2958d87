import type { Work } from '../work.js';
import { heldCrawl, type Held } from './held-crawl.js';

/** Nothing was marked as in hand, so there is nothing to give back; whoever is not the owner is told. */
export function release({ db }: Work, held: Held): void {
  heldCrawl(db, held);
}
