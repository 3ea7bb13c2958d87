import { nearest } from '@app/config';
import { parse, SelectorType, type Selector } from 'css-what';

const MAX_LENGTH = 1_000;

/** What is wrong with a CSS selector; undefined when the extraction can compile it. */
export function selectorFault(selector: string): string | undefined {
  if (selector.trim() === '' || selector.length > MAX_LENGTH) {
    return `expected a CSS selector of 1 to ${MAX_LENGTH} characters`;
  }
  let parsed: Selector[][];
  try {
    parsed = parse(selector);
  } catch (error) {
    return `not a CSS selector: ${(error as Error).message.replace(/found $/, 'found its end')}`;
  }
  return faultIn(parsed);
}

function faultIn(alternatives: readonly Selector[][]): string | undefined {
  for (const part of alternatives.flat()) {
    const fault = faultOf(part);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOf(part: Selector): string | undefined {
  switch (part.type) {
    case SelectorType.PseudoElement:
      return `pseudo-elements such as ::${part.name} are no elements of a page`;
    case SelectorType.ColumnCombinator:
      return 'the column combinator || is not supported';
    case SelectorType.Attribute:
    case SelectorType.Tag:
    case SelectorType.Universal:
      return part.namespace === null ? undefined : 'namespaces are not supported';
    case SelectorType.Pseudo:
      return Array.isArray(part.data) ? faultIn(part.data) : pseudoFault(part.name, part.data);
    case SelectorType.Adjacent:
    case SelectorType.Child:
    case SelectorType.Descendant:
    case SelectorType.Parent:
    case SelectorType.Sibling:
      break;
  }
  return undefined;
}

function pseudoFault(name: string, argument: string | null): string | undefined {
  const takesArgument = PSEUDO_CLASSES.get(name);
  if (takesArgument === undefined) {
    const meant = nearest(name, PSEUDO_CLASSES.keys());
    return `unknown pseudo-class :${name}${meant === undefined ? '' : `, is :${meant} meant?`}`;
  }
  if (takesArgument === (argument !== null)) return undefined;
  return `the pseudo-class :${name} takes ${takesArgument ? 'an' : 'no'} argument`;
}

/** Those of css-select, but for the ones with selectors within; loading it here would cost ten times the check. */
const PSEUDO_CLASSES: ReadonlyMap<string, boolean> = new Map([
  ...withArgument(true, 'contains icontains lang nth-child nth-last-child nth-of-type nth-last-of-type'),
  ...withArgument(false, 'root scope empty first-child last-child only-child first-of-type last-of-type'),
  ...withArgument(false, 'only-of-type any-link link disabled enabled checked required optional read-only'),
  ...withArgument(false, 'read-write selected checkbox file password radio reset image submit parent header'),
  ...withArgument(false, 'button input text'),
]);

function withArgument(takesArgument: boolean, names: string): [name: string, takesArgument: boolean][] {
  return names.split(' ').map((name) => [name, takesArgument]);
}
