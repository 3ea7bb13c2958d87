const scratch = Buffer.alloc(1024);

/** A copy that does not keep alive the longer text which it was cut from. */
export function flat(text: string): string {
  if (text.length * 3 > scratch.length) return Buffer.from(text).toString();
  return scratch.toString('utf8', 0, scratch.write(text));
}
