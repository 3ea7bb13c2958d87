import { compileUrlPattern } from '../url-pattern.js';
import { checkedText, faultOf, oneOrMany } from './faults.js';

const urlPattern = checkedText('expected a pattern of URLs', (text) =>
  faultOf(() => compileUrlPattern(text)),
);

export const urlPatterns = oneOrMany(urlPattern, 'expected a list of patterns of URLs', 1_000);
