/**
 * The first number in a text, with whatever stands around it: `£1,234.50`, `1.234,50 €`, `1 234`, `−3`. A lone
 * comma or point is a decimal one, but for a comma before three digits; where both stand, the last is.
 */
export function parseNumber(text: string): number | undefined {
  const written = /[-−]?\d[\d.,'’\u00A0\u202F ]*/.exec(text)?.[0];
  if (written === undefined) return undefined;
  const digits = written
    .replace('−', '-')
    .replace(/(?<=\d)['’\u00A0\u202F ](?=\d{3}(?!\d))/g, '')
    .replace(/[^\d.,-].*$/, '')
    .replace(/[.,]+$/, '');
  const exponent = /^[eE][+-]?\d{1,3}(?![\w.])/.exec(text.slice(text.indexOf(written) + written.length))?.[0];
  const number = Number(withPoint(digits) + (exponent ?? ''));
  return Number.isFinite(number) ? number : undefined;
}

function withPoint(digits: string): string {
  const comma = digits.lastIndexOf(',');
  const point = digits.lastIndexOf('.');
  if (comma === -1) return digits.indexOf('.') === point ? digits : digits.replaceAll('.', '');
  if (point === -1) {
    const isDecimal = digits.indexOf(',') === comma && !/^-?[1-9]\d{0,2},\d{3}$/.test(digits);
    return isDecimal ? digits.replace(',', '.') : digits.replaceAll(',', '');
  }
  return comma > point ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', '');
}
