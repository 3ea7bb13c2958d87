import { ClusterState } from '@app/resources';
import { Orders } from './orders.js';
import { TaskIndex } from './task-index.js';

const ALL = { prefix: '', nodeId: '', query: '', states: [], sort: '-items' };

describe('an order', () => {
  let clock: number;
  let pulse: { version: number };
  let madeCount: number;
  let tookMs: number;
  let orders: Orders;
  beforeEach(() => {
    clock = 0;
    pulse = { version: 1 };
    madeCount = 0;
    tookMs = 0;
    const state = new ClusterState();
    const visitPlaces: typeof state.visitPlaces = (...args) => {
      madeCount++;
      clock += tookMs;
      return state.visitPlaces(...args);
    };
    orders = new Orders({ state: { visitPlaces } }, new TaskIndex(), pulse, () => clock);
  });

  it('is made once for all who ask at once', async () => {
    const [one, other] = await Promise.all([orders.order(ALL), orders.order({ ...ALL })]);
    expect(one).toBe(other);
    expect(madeCount).toBe(1);
  });

  it('is new to who asks once a second, if something has changed, and as old as half a second to others', async () => {
    await orders.order(ALL);
    pulse.version = 2;
    clock = 400;
    expect(await orders.order(ALL)).toMatchObject({ version: 1 });
    // Whoever follows a list begins to count before the order is made.
    clock = 999;
    expect(await orders.order(ALL)).toMatchObject({ version: 2 });
    clock = 5_000;
    expect(await orders.order(ALL)).toMatchObject({ version: 2 });
    expect(madeCount).toBe(2);
  });

  it('rests twenty times as long as it took, with all others that are asked for', async () => {
    tookMs = 50;
    await orders.order(ALL);
    await orders.order({ ...ALL, sort: 'done' });
    pulse.version = 2;
    clock = 1_999;
    expect(await orders.order(ALL)).toMatchObject({ version: 1 });
    clock = 2_000;
    expect(await orders.order(ALL)).toMatchObject({ version: 2 });
  });
});
