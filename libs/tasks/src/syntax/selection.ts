import { OrbweaverError } from '@app/errors';
import { selectorFault } from '../selector.js';

/** What `selector@attribute`, `selector@text`, `selector@html`, `@attribute` or a mere selector says. */
export interface Selection {
  select: string;
  /** Behind the `@`; undefined when there is none. */
  take: string | undefined;
}

/** Throws INVALID_ARGUMENT. Without a selector the element itself is meant. */
export function parseSelection(text: string): Selection {
  const [, selector = '', take] = /^(.*?)(?:@([A-Za-z_][\w:.-]*))?$/s.exec(text.trim()) ?? [];
  const select = selector.trim() === '' && take !== undefined ? ':scope' : selector.trim();
  const fault = selectorFault(select);
  if (fault !== undefined) throw new OrbweaverError('INVALID_ARGUMENT', fault);
  return { select, take: take?.toLowerCase() };
}
