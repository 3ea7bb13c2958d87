import { Breath } from './breath.js';

/** Which of 0 to count - 1 comes first, second, …; equal ones in the order of their numbers. In slices. */
export async function sorted(
  count: number,
  compare: (a: number, b: number) => number,
  breath = new Breath(),
): Promise<Uint32Array> {
  let from = Uint32Array.from({ length: count }, (_, i) => i);
  let into = new Uint32Array(count);
  const order = (a: number, b: number): number => compare(a, b) || a - b;
  for (let at = 0; at < count; at += RUN) {
    from.subarray(at, at + RUN).sort(order);
    if (breath.isDue) await breath.take();
  }
  for (let width = RUN; width < count; width *= 2) {
    for (let at = 0; at < count; at += 2 * width) {
      const middle = Math.min(at + width, count);
      const end = Math.min(at + 2 * width, count);
      let left = at;
      let right = middle;
      for (let to = at; to < end; to++) {
        const takesLeft = left < middle && (right === end || order(from[left]!, from[right]!) <= 0);
        into[to] = takesLeft ? from[left++]! : from[right++]!;
        if (to % CHECK === 0 && breath.isDue) await breath.take();
      }
    }
    [from, into] = [into, from];
  }
  return from;
}

const RUN = 2_048;
const CHECK = 256;
