/** The message for an instant in milliseconds since 1970. */
export function timestamp(at: number): { seconds: bigint; nanos: number } {
  const seconds = Math.floor(at / 1_000);
  return { seconds: BigInt(seconds), nanos: Math.round((at - seconds * 1_000) * 1_000_000) };
}
