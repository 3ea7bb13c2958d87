/**
 * The label that an HTML or XML text declares in its first 1,024 bytes, as the standard's prescan finds it: in
 * `<meta charset>`, in `<meta http-equiv=content-type content>`, or in an XML declaration at the very beginning.
 */
export function declaredCharset(body: Buffer): string | undefined {
  const head = body.toString('latin1', 0, 1_024);
  if (!/charset|encoding/i.test(head)) return undefined;
  const inDeclaration = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']/i.exec(head);
  if (inDeclaration !== null) return inDeclaration[1];
  for (const [, attributes] of head.matchAll(TOKEN)) {
    const label = attributes === undefined ? undefined : metaCharset(attributes);
    if (label !== undefined) return label;
  }
  return undefined;
}

/** A comment, a meta element with its attributes, any other tag, or a declaration. */
const TOKEN =
  /<!(?=--)(?:[^]*?-->|[^]*)|<meta[\s/]((?:"[^"]*"|'[^']*'|[^"'>])*)|<\/?[a-z](?:"[^"]*"|'[^']*'|[^"'>])*|<[!/?][^>]*/gi;

const ATTRIBUTE = /([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/g;

function metaCharset(text: string): string | undefined {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single, bare] of text.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, double ?? single ?? bare ?? '');
  }
  const charset = attributes.get('charset');
  if (charset !== undefined) return charset;
  if (attributes.get('http-equiv')?.toLowerCase() !== 'content-type') return undefined;
  return /charset\s*=\s*["']?([^\s"';]+)/i.exec(attributes.get('content') ?? '')?.[1];
}
