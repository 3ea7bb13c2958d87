import { nearest } from '@app/config';
import { isTraversal, parse, SelectorType, type Selector } from 'css-what';

const MAX_LENGTH = 1_000;

/** What is wrong with a CSS selector; undefined when the extraction can compile it. */
export function selectorFault(selector: string): string | undefined {
  if (selector.trim() === '' || selector.length > MAX_LENGTH) {
    return `expected a CSS selector of 1 to ${MAX_LENGTH} characters`;
  }
  return faultOfText(selector);
}

function faultOfText(selector: string): string | undefined {
  let parsed: Selector[][];
  try {
    parsed = parse(selector);
  } catch (error) {
    return `not a CSS selector: ${(error as Error).message.replace(/found $/, 'found its end')}`;
  }
  return faultIn(parsed);
}

function faultIn(alternatives: readonly Selector[][]): string | undefined {
  for (const parts of alternatives) {
    const last = parts.at(-1);
    if (last !== undefined && isTraversal(last)) return 'not a CSS selector: it ends with a combinator';
    for (const part of parts) {
      const fault = faultOf(part);
      if (fault !== undefined) return fault;
    }
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
  if (takesArgument !== (argument !== null)) {
    return `the pseudo-class :${name} takes ${takesArgument ? 'an' : 'no'} argument`;
  }
  return argument !== null && name.startsWith('nth-') ? positionFault(name, argument) : undefined;
}

/** `2n+1`, `odd`, `3`, and for children `2n of .row`. */
function positionFault(name: string, argument: string): string | undefined {
  const [, position = argument, among] = name.endsWith('child')
    ? (/^(.+?)\s+of\s+(.+)$/is.exec(argument) ?? [])
    : [];
  if (!/^(?:even|odd|[+-]?\d*n\s*(?:[+-]\s*\d+)?|[+-]?\d+)$/i.test(position.trim())) {
    return `the pseudo-class :${name} takes a position like 2, odd or 3n+1`;
  }
  return among === undefined ? undefined : faultOfText(among);
}

/** But for those with selectors within, which the parser knows. */
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
