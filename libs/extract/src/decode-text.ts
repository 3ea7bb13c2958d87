import { TextDecoder } from 'node:util';

export function decodeText(body: Buffer, _contentType: string): string {
  return new TextDecoder().decode(body);
}
