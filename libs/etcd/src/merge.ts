/**
 * What several generators yield, as it comes. Each is asked for its next value only when the one before was
 * taken, so nothing piles up. (`Promise.race` over the same pending promises would keep a reaction for each turn.)
 *
 * `end` has to make all of them come to an end: it is called when the reader leaves or one of them has failed.
 */
export async function* merge<T>(
  sources: readonly AsyncGenerator<T, void, undefined>[],
  end: () => void,
): AsyncGenerator<T, void, undefined> {
  type Turn = { source: AsyncGenerator<T, void, undefined> } & (
    { result: IteratorResult<T, void> } | { error: unknown }
  );
  const turns: Turn[] = [];
  let wake = (): void => {};
  const pull = (source: AsyncGenerator<T, void, undefined>): void => {
    source
      .next()
      .then(
        (result) => turns.push({ source, result }),
        (error: unknown) => turns.push({ source, error }),
      )
      .finally(() => wake());
  };
  sources.forEach(pull);
  try {
    for (let running = sources.length; running > 0;) {
      const turn = turns.shift();
      if (turn === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
      } else if ('error' in turn) {
        throw turn.error;
      } else if (turn.result.done) {
        running--;
      } else {
        yield turn.result.value;
        pull(turn.source);
      }
    }
  } finally {
    end();
    await Promise.allSettled(sources.map((source) => source.return()));
  }
}
