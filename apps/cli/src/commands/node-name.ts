/** The one of these ids that is meant: by all of it, or by what stands after its last dot, as in `worker-1`. */
export function nodeNamed(ids: readonly string[], name: string): string | undefined {
  return ids.find((id) => id === name) ?? ids.find((id) => id.endsWith(`.${name}`));
}
