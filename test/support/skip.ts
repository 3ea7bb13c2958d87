/** `describe.skip` that also says why on the terminal: jest itself names skipped suites only when asked to. */
export function describeSkipped(name: string, why: string, define: () => void): void {
  process.stderr.write(`skipped: ${name} (${why})\n`);
  describe.skip(`${name} (skipped: ${why})`, define);
}
