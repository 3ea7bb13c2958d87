import { foldKey, goMembers, goString, goText, isInt64 } from '@app/go-json';

/**
 * The record under `/resources/<name>`, which the original's Go programs read and write too: four fields and
 * no more, byte for byte as `encoding/json` writes them.
 */

export interface NodeRef {
  id: string;
  address: string;
}

export interface ResourceRecord {
  /** A snowflake as decimal text; a foreign program may have put other text. */
  id: string;
  name: string;
  assignedNode: NodeRef | undefined;
  /** Nanoseconds since 1970: beyond 2^53. */
  creationTime: bigint;
}

export function encodeResource(record: ResourceRecord): string {
  return (
    `{"ID":${goString(record.id)},"Name":${goString(record.name)},` +
    `"AssignedNode":${goString(encodeNodeRef(record.assignedNode))},"CreationTime":${record.creationTime}}`
  );
}

/** Undefined when Go could not decode it either, or when it is no JSON object. */
export function decodeResource(json: string): ResourceRecord | undefined {
  return decodeWritten(json) ?? decodeAny(json);
}

export function encodeNodeRef(node: NodeRef | undefined): string {
  return node === undefined ? '' : `${node.id}|${node.address}`;
}

export function decodeNodeRef(text: string): NodeRef | undefined {
  const bar = text.indexOf('|');
  const id = bar < 0 ? text : text.slice(0, bar);
  return id === '' ? undefined : { id, address: bar < 0 ? '' : text.slice(bar + 1) };
}

const ID = '{"ID":"';
const NAME = '","Name":"';
const NODE = '","AssignedNode":"';
const TIME = '","CreationTime":';
// eslint-disable-next-line no-control-regex
const NOT_PLAIN = /[\\\u0000-\u001f\ud800-\udfff]/;
const TIME_AND_END = /^(?:0|-?[1-9]\d{0,18})\}$/;

/**
 * The exact form that we and Go write, with nothing escaped in it: nearly every record there is, and a
 * million of them are read by a new leader. Everything else is left to `decodeAny`.
 */
function decodeWritten(json: string): ResourceRecord | undefined {
  if (!json.startsWith(ID) || NOT_PLAIN.test(json)) return undefined;
  const idEnd = json.indexOf('"', ID.length);
  if (!json.startsWith(NAME, idEnd)) return undefined;
  const nameAt = idEnd + NAME.length;
  const nameEnd = json.indexOf('"', nameAt);
  if (!json.startsWith(NODE, nameEnd)) return undefined;
  const nodeAt = nameEnd + NODE.length;
  const nodeEnd = json.indexOf('"', nodeAt);
  if (!json.startsWith(TIME, nodeEnd)) return undefined;
  const time = json.slice(nodeEnd + TIME.length);
  if (!TIME_AND_END.test(time)) return undefined;
  const creationTime = BigInt(time.slice(0, -1));
  if (BigInt.asIntN(64, creationTime) !== creationTime) return undefined;
  return {
    id: json.slice(ID.length, idEnd),
    name: json.slice(nameAt, nameEnd),
    assignedNode: decodeNodeRef(json.slice(nodeAt, nodeEnd)),
    creationTime,
  };
}

function decodeAny(json: string): ResourceRecord | undefined {
  const members = goMembers(json);
  if (members === undefined) return undefined;

  const texts = { id: '', name: '', assignednode: '' };
  let creationTime = 0n;
  for (const [key, raw] of members) {
    // To Go, null says nothing of a field that cannot be null.
    if (raw === 'null') continue;
    const field = foldKey(key);
    if (field === 'creationtime') {
      if (!isInt64(raw)) return undefined;
      creationTime = BigInt(raw);
    } else if (field === 'id' || field === 'name' || field === 'assignednode') {
      const text = goText(raw);
      if (text === undefined) return undefined;
      texts[field] = text;
    }
  }
  return {
    id: texts.id,
    name: texts.name,
    assignedNode: decodeNodeRef(texts.assignednode),
    creationTime,
  };
}
