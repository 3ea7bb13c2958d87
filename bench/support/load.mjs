/** Runs `call(n)` for n = 0…total-1 with `width` in flight; gives calls a second. */
export async function rate(total, width, call) {
  let next = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: Math.min(width, total) }, async () => {
      for (let n = next++; n < total; n = next++) await call(n);
    }),
  );
  return (total * 1000) / (performance.now() - from);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
