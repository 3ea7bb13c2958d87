/** Where everything about resources stands in etcd. */

const RESOURCES = '/resources/';
const SPECS = '/orbweaver/specs/';
const ASSIGNMENTS = '/orbweaver/assignments/';
const DRAINS = '/orbweaver/drains/';
const CLAIMS = '/orbweaver/claims/';
const CONTROLS = '/orbweaver/control/';
const SCHEDULES = '/orbweaver/schedules/';
const TRACES = '/orbweaver/traces/';
const SPEC_HISTORY = '/orbweaver/spec-history/';
const IDS = '/orbweaver/ids/';

export const keys = {
  resources: RESOURCES,
  resource: (name: string) => `${RESOURCES}${name}`,
  specs: SPECS,
  spec: (name: string) => `${SPECS}${name}`,
  allAssignments: ASSIGNMENTS,
  assignments: (nodeId: string) => `${ASSIGNMENTS}${nodeId}/`,
  assignment: (nodeId: string, name: string) => `${ASSIGNMENTS}${nodeId}/${name}`,
  drains: DRAINS,
  drain: (nodeId: string) => `${DRAINS}${nodeId}`,
  claims: CLAIMS,
  claim: (name: string) => `${CLAIMS}${name}`,
  controls: CONTROLS,
  control: (name: string) => `${CONTROLS}${name}`,
  /** W3C trace context of the call that asked for the present run; only while traces are on. */
  trace: (name: string) => `${TRACES}${name}`,
  /** Specs that were replaced; the revision is the one that put the replaced spec. */
  specHistory: (name: string) => `${SPEC_HISTORY}${name}/`,
  replacedSpec: (name: string, revision: bigint) =>
    `${SPEC_HISTORY}${name}/${String(revision).padStart(20, '0')}`,
  schedules: SCHEDULES,
  schedule: (name: string) => `${SCHEDULES}${name}`,
  ids: IDS,
  id: (n: number) => `${IDS}${n}`,
  /** The leader's present term, and why the last one ended. */
  terms: '/orbweaver/terms/',
  presentTerm: '/orbweaver/terms/present',
  termEnd: '/orbweaver/terms/end',
  clock: '/orbweaver/clock',
  /** Never there: it is deleted to see whether etcd can be written. */
  probe: '/orbweaver/probe',
} as const;

export type ParsedKey =
  | { kind: 'resource'; name: string }
  | { kind: 'spec'; name: string }
  | { kind: 'assignment'; nodeId: string; name: string }
  | { kind: 'schedule'; name: string }
  | { kind: 'drain'; nodeId: string };

/** What a key is about; undefined for all that readers skip: the election's keys, foreign keys. */
export function parseKey(key: string): ParsedKey | undefined {
  if (key.startsWith(RESOURCES)) {
    const name = key.slice(RESOURCES.length);
    return isName(name) ? { kind: 'resource', name } : undefined;
  }
  if (key.startsWith(ASSIGNMENTS)) {
    // A name holds no slash, a foreign node id may.
    const slash = key.lastIndexOf('/');
    if (slash < ASSIGNMENTS.length) return undefined;
    const name = key.slice(slash + 1);
    return isName(name)
      ? { kind: 'assignment', nodeId: key.slice(ASSIGNMENTS.length, slash), name }
      : undefined;
  }
  if (key.startsWith(SPECS)) {
    const name = key.slice(SPECS.length);
    return isName(name) ? { kind: 'spec', name } : undefined;
  }
  if (key.startsWith(SCHEDULES)) {
    const name = key.slice(SCHEDULES.length);
    return isName(name) ? { kind: 'schedule', name } : undefined;
  }
  if (key.startsWith(DRAINS) && key.length > DRAINS.length)
    return { kind: 'drain', nodeId: key.slice(DRAINS.length) };
  return undefined;
}

function isName(text: string): boolean {
  return text !== '' && text !== 'election' && !text.includes('/');
}
