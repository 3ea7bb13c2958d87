/** A whole page; `aside` stands beside its body. */
export function page(title, body, { nav = '', aside = '' } = {}) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(title)}</title></head>
<body>
${nav}<h1>${escaped(title)}</h1>
${body}
${aside}</body>
</html>
`;
}

export function list(entries) {
  return `<ul>\n${entries.map((entry) => `<li>${entry}</li>`).join('\n')}\n</ul>`;
}

export function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
