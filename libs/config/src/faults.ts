/** A schema that contradicts itself: a mistake of whoever wrote the program, never of its user. */
export class InvalidSchema extends Error {
  override readonly name = 'InvalidSchema';
}

/** One thing that is wrong with what was configured. */
export interface Fault {
  /** Where it was set: `--http`, `ORBWEAVER_HTTP`, `orbweaver.toml: http`. */
  readonly where: string;
  /** What was wrong and what would be right. */
  readonly message: string;
}

/** The text for a person whose program does not start: every fault, one a line. */
export function renderFaults(program: string, faults: readonly Fault[]): string {
  const count = faults.length === 1 ? 'one setting is wrong' : `${faults.length} settings are wrong`;
  const lines = faults.map(({ where, message }) => `  ${where === '' ? '' : `${where}: `}${message}`);
  return `${program} does not start: ${count}.\n${lines.join('\n')}\nSee ${program} --help.\n`;
}
