import { until } from '../../../../test/support/until.js';
import { CatalogWaits } from './catalog-waits.js';

describe('who waits for a task of the catalog', () => {
  it('is woken once when there is one of its name, however many wait with it; who gave up is not', async () => {
    const names: string[] = [];
    let looks = 0;
    const waits = new CatalogWaits({ names: async () => (looks++, [...names]) }, 1);
    const woken: string[] = [];
    for (let n = 0; n < 1_000; n++) waits.once(`task-${n}`, 'missing', () => woken.push(`task-${n}`));
    waits.once('left', 'missing', () => woken.push('left'))();
    await until(() => looks > 2, { what: 'looks' });
    expect(woken).toEqual([]);
    names.push('task-7', 'left', 'of-nobody');
    await until(() => woken.length > 0, { what: 'woken' });
    const before = looks;
    await until(() => looks > before + 2, { what: 'more looks' });
    expect(woken).toEqual(['task-7']);
  });

  it('is woken to look again when the one that there is was wrong', async () => {
    const waits = new CatalogWaits({ names: async () => [] }, 1);
    const woken: string[] = [];
    waits.once('b', 'wrong', () => woken.push('b'))();
    waits.once('a', 'wrong', () => woken.push('a'));
    await until(() => woken.includes('a'), { what: 'woken' });
    expect(woken).toEqual(['a']);
  });
});
