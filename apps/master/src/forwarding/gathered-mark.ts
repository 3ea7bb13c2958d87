/**
 * The mark of adds that were gathered into one call: `true`, or where one of them is traced, the `traceparent` of
 * each in their order, with nothing for those that are not. At most 64 of them, so it fits into metadata.
 */
export function gatheredMark(traceParents: readonly (string | undefined)[]): string {
  return traceParents.every((one) => one === undefined)
    ? 'true'
    : traceParents.map((one) => one ?? '').join(',');
}

/** The trace contexts of a mark; undefined when there is no mark. */
export function readGatheredMark(mark: string | undefined): readonly string[] | undefined {
  if (mark === undefined) return undefined;
  return mark === 'true' ? [] : mark.split(',');
}
