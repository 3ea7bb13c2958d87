/**
 * What a piece of work costs this process, in milliseconds of the processor: what else the machine does meanwhile
 * does not count, unlike in what passes on the clock.
 */
export function processorMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
