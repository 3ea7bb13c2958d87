import { OrbweaverError } from '@app/errors';
import { ruleNameFaults } from './rule-names.js';
import type { TaskSpec } from './spec.js';
import { faultsOf, renderFault } from './syntax/faults.js';
import { task } from './syntax/task.js';

/** Throws INVALID_ARGUMENT that lists every fault with its path. */
export function parseTaskSpec(value: unknown): TaskSpec {
  const parsed = task.safeParse(value);
  const faults = [...(parsed.success ? [] : faultsOf(parsed.error)), ...ruleNameFaults(value)];
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new OrbweaverError('INVALID_ARGUMENT', `the spec is wrong: ${faults.map(renderFault).join('; ')}`);
}
