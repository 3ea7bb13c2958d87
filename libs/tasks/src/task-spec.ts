import { OrbweaverError } from '@app/errors';
import { ruleNameFaults } from './rule-names.js';
import type { TaskSpec } from './spec.js';
import { faultsOf, renderFault } from './syntax/faults.js';
import { task } from './syntax/task.js';

/** Throws INVALID_ARGUMENT that lists every fault with its path, as far as people will read on. */
export function parseTaskSpec(value: unknown): TaskSpec {
  const parsed = task.safeParse(value);
  const faults = [...(parsed.success ? [] : faultsOf(parsed.error)), ...ruleNameFaults(value)];
  if (parsed.success && faults.length === 0) return parsed.data;
  const told = faults.slice(0, MAX_TOLD).map(renderFault);
  if (faults.length > MAX_TOLD) told.push(`and ${faults.length - MAX_TOLD} more`);
  throw new OrbweaverError('INVALID_ARGUMENT', `the spec is wrong: ${told.join('; ')}`);
}

const MAX_TOLD = 100;
