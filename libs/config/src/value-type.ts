/**
 * How one setting's value is written and read. A type knows how to read the text of a flag or an environment
 * variable and the value of a TOML key, and says in words what it would have accepted.
 */
export interface ValueType<T> {
  /** What stands for the value in the help: `DURATION` in `--register-ttl=DURATION`. */
  readonly label: string;
  /** What is accepted, to be read after "expected": `a duration such as 5s`. */
  readonly expected: string;
  /** Only flags of this kind may be written without a value. */
  readonly impliedText?: string;
  fromText(text: string): Parsed<T>;
  fromToml(value: unknown): Parsed<T>;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | Rejected;

export interface Rejected {
  readonly ok: false;
  /** Says more than `expected` does, where there is more to say. */
  readonly reason?: string;
}

export function accepted<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function rejected(reason?: string): Rejected {
  return reason === undefined ? { ok: false } : { ok: false, reason };
}

type TomlForm = 'number' | 'boolean' | 'list';

/** A type whose values are texts everywhere; a TOML file may also write them in the given native form. */
export function textual<T>(form: {
  label: string;
  expected: string;
  parse: (text: string) => Parsed<T>;
  impliedText?: string;
  toml?: TomlForm;
}): ValueType<T> {
  return {
    label: form.label,
    expected: form.expected,
    ...(form.impliedText === undefined ? {} : { impliedText: form.impliedText }),
    fromText: form.parse,
    fromToml: (value) => {
      const text = textOf(value, form.toml);
      return text === undefined ? rejected() : form.parse(text);
    },
  };
}

function textOf(value: unknown, form: TomlForm | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (form === 'list' && Array.isArray(value) && value.every((entry) => typeof entry === 'string')) {
    return value.join(',');
  }
  return typeof value === form ? String(value) : undefined;
}
