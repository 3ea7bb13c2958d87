import { OrbweaverError } from '@app/errors';
import type { Selection } from '../rules.js';
import { selectorFault } from '../selector.js';

/**
 * `h1`, `h1@text`, `.about@html`, `a@href`, or `@href` for the element itself that is looked in. Throws
 * INVALID_ARGUMENT.
 */
export function parseSelection(text: string): Selection {
  const { select, taken = 'text' } = split(text);
  return { select, take: taken === 'text' || taken === 'html' ? taken : { attribute: taken } };
}

/** The same for links, where the attribute is `href` unless another is said. */
export function parseLink(text: string): { select: string; attribute: string } {
  const { select, taken = 'href' } = split(text);
  return { select, attribute: taken };
}

function split(text: string): { select: string; taken: string | undefined } {
  const [, selector = '', taken] = /^(.*?)(?:@([A-Za-z_][\w:.-]*))?$/s.exec(text.trim()) ?? [];
  const select = selector.trim() === '' && taken !== undefined ? ':scope' : selector.trim();
  const fault = selectorFault(select);
  if (fault !== undefined) throw new OrbweaverError('INVALID_ARGUMENT', fault);
  return { select, taken: taken?.toLowerCase() };
}
