import { OrbweaverError } from '@app/errors';
import { parse, SelectorType, type PseudoSelector, type Selector as Part } from 'css-what';
import type { HtmlElement } from '../element.js';
import type { HtmlDocument } from '../parse-html.js';
import { compileAttribute } from './attribute.js';
import { COMBINATORS, nearestKnown } from './combinators.js';
import { Search, type Match } from './match.js';
import { compilePosition } from './position.js';
import { ALIASES, PSEUDO_CLASSES, PSEUDO_CLASSES_OF_TEXT } from './pseudo-classes.js';

/** The elements that a selector finds, in the order of the page; with a scope those within it. */
export type Selector = (document: HtmlDocument, scope?: HtmlElement) => Iterable<HtmlElement>;

/**
 * As in browsers, a selector looks at the whole page and only what it finds is within the scope, unless it begins
 * with a combinator or speaks of `:scope`, which finds the scope itself. Whatever the page, finding takes time in
 * proportion to its length, or to its length times its depth. Throws INVALID_ARGUMENT for what is no selector.
 */
export function compileSelector(selector: string): Selector {
  const match = compile(selector);
  const skipped = selector.includes(':scope') ? 0 : 1;
  return function* ({ elements }, scope) {
    const search = new Search(elements, scope);
    const last = scope?.last ?? elements.length - 1;
    for (let at = scope === undefined ? 0 : scope.order + skipped; at <= last; at++) {
      const element = elements[at] as HtmlElement;
      if (match(element, search)) yield element;
    }
  };
}

function compile(selector: string): Match {
  try {
    return anyOf(parse(selector));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `not a CSS selector: ${JSON.stringify(selector)}: ${reason}`;
    throw new OrbweaverError('INVALID_ARGUMENT', message, { cause });
  }
}

function anyOf(alternatives: readonly Part[][]): Match {
  const [only, ...others] = alternatives.map((parts) => allOf(parts));
  if (only === undefined) throw new Error('it is empty');
  if (others.length === 0) return only;
  return (element, search) => only(element, search) || others.some((match) => match(element, search));
}

/** From left to right, each part knows what has to hold to its left. */
function allOf(parts: readonly Part[]): Match {
  let left: Match | undefined =
    parts[0] !== undefined && parts[0].type in COMBINATORS ? scopeOnly : undefined;
  let tests: { match: Match; cost: number }[] = [];
  const gathered = (): Match => {
    const matches = tests.toSorted((a, b) => a.cost - b.cost).map(({ match }) => match);
    if (left !== undefined) matches.push(left);
    tests = [];
    const [first = every, second, ...rest] = matches;
    if (second === undefined) return first;
    if (rest.length === 0) return (element, search) => first(element, search) && second(element, search);
    return (element, search) => matches.every((match) => match(element, search));
  };
  for (const part of parts) {
    const combine = COMBINATORS[part.type];
    if (combine !== undefined) left = combine(gathered());
    else if (part.type !== SelectorType.Universal) tests.push(compilePart(part));
  }
  return gathered();
}

const every: Match = () => true;
const scopeOnly: Match = (element, search) => PSEUDO_CLASSES.scope?.(element, search) === true;

function compilePart(part: Part): { match: Match; cost: number } {
  if (part.type === SelectorType.Pseudo) {
    return { match: compilePseudo(part), cost: Array.isArray(part.data) ? 3 : 2 };
  }
  if (part.type === SelectorType.Tag && part.namespace === null) {
    const name = part.name.toLowerCase();
    return { match: (element) => element.name === name, cost: 0 };
  }
  if (part.type === SelectorType.Attribute && part.namespace === null) {
    return { match: compileAttribute(part), cost: 1 };
  }
  throw new Error(`${part.type} is not supported here`);
}

function compilePseudo({ name, data }: PseudoSelector): Match {
  const alias = ALIASES[name];
  const match = Array.isArray(data)
    ? ofSelectors(name, data)
    : data === null
      ? alias === undefined
        ? PSEUDO_CLASSES[name]
        : anyOf(parse(alias))
      : (PSEUDO_CLASSES_OF_TEXT[name]?.(data) ?? ofPosition(name, data));
  if (match === undefined) throw new Error(`unknown pseudo-class :${name}${data === null ? '' : '(…)'}`);
  return match;
}

function ofPosition(name: string, data: string): Match | undefined {
  const [, isLast, kind] = /^nth-(last-)?(child|of-type)$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  if (kind === 'of-type') return compilePosition(data, isLast !== undefined, (element) => element.name);
  const [, formula = data, of] = /^(.+?)\s+of\s+(.+)$/is.exec(data) ?? [];
  const counted = of === undefined ? every : anyOf(parse(of));
  return compilePosition(formula, isLast !== undefined, (element, search) =>
    counted(element, search) ? '' : undefined,
  );
}

function ofSelectors(name: string, alternatives: readonly Part[][]): Match | undefined {
  if (name === 'has') return has(alternatives);
  const inner = anyOf(alternatives);
  if (name === 'not') return (element, search) => !inner(element, search);
  return name === 'is' || name === 'where' || name === 'matches' ? inner : undefined;
}

/** Relative to the element: within it, or after it where that is what is asked for. */
function has(alternatives: readonly Part[][]): Match {
  const inner = anyOf(alternatives.map((parts) => (isRelative(parts) ? parts : [SCOPE, WITHIN, ...parts])));
  const isWithin = !alternatives.some(isRelative);
  const isBeyond = alternatives.some(([first]) => first !== undefined && BEYOND.has(first.type));
  const match: Match = (element, search) => {
    const known = search.known(match);
    let isFound = known.get(element);
    if (isFound !== undefined) return isFound;
    // What is not within an element is not within those in it.
    if (isWithin && nearestKnown(known, element) === false) return false;
    const last = isBeyond ? (element.parent?.last ?? element.last) : element.last;
    const within = new Search(search.elements, element);
    let at = element.order;
    do at++;
    while (at <= last && !inner(search.elements[at] as HtmlElement, within));
    search.spend(at - element.order);
    isFound = at <= last;
    known.set(element, isFound);
    return isFound;
  };
  return match;
}

const SCOPE: Part = { type: SelectorType.Pseudo, name: 'scope', data: null };
const WITHIN: Part = { type: SelectorType.Descendant };
const BEYOND = new Set<string>([SelectorType.Adjacent, SelectorType.Sibling]);

function isRelative(parts: readonly Part[]): boolean {
  const isScope = (part: Part): boolean => part.type === SelectorType.Pseudo && part.name === 'scope';
  return (parts[0] !== undefined && parts[0].type in COMBINATORS) || parts.some(isScope);
}
