import { z } from 'zod';

/** Of a rule or a field. Those with a leading underscore are the program's own, in items as `_url`. */
export const name = z.string().regex(/^\p{L}[\p{L}\p{N}_-]{0,99}$/u, {
  error: 'a name has letters, digits, _ and -, and begins with a letter',
});
