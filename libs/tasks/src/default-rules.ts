import type { Field, Rules } from './rules.js';

const TITLE: Field = {
  from: { kind: 'css', select: 'title', take: 'text' },
  match: undefined,
  type: 'text',
  many: false,
  required: false,
  default: undefined,
};

/** Of a task that says none: any URL alone gives results. */
export const DEFAULT_RULES: Rules = {
  page: {
    kind: 'declarative',
    follow: [
      {
        each: undefined,
        link: { select: 'a[href]', attribute: 'href' },
        where: undefined,
        to: 'page',
        priority: 0,
        carry: {},
      },
    ],
    each: undefined,
    where: undefined,
    fields: { title: TITLE },
    paginate: undefined,
    reload: false,
  },
};
