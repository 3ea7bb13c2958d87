import { OrbweaverError } from '@app/errors';

/** Where the next page begins: after a name or, in an order of another kind, at a number. */
export const pageToken = {
  afterName: (name: string): string => encode(name),
  at: (offset: number): string => encode(AT + String(offset)),

  /** Undefined for the first page. */
  nameOf(token: string): string | undefined {
    if (token === '') return undefined;
    const name = decode(token);
    return name.startsWith(AT) ? refuse() : name;
  },

  /** Undefined for the first page. */
  offsetOf(token: string): number | undefined {
    if (token === '') return undefined;
    const text = decode(token);
    return /^\0\d{1,9}$/.test(text) ? Number(text.slice(AT.length)) : refuse();
  },
};

/** No name holds it. */
const AT = '\0';

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function decode(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  return text !== '' && encode(text) === token ? text : refuse();
}

function refuse(): never {
  throw new OrbweaverError('INVALID_ARGUMENT', 'page_token is none that a page before has given');
}
