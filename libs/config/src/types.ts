import { type Parsed, type ValueType, accepted, rejected, textual } from './value-type.js';
import { listenAddressOf, splitHostPort } from './address.js';
import type { ListenAddress } from './address.js';
import { formatDuration, parseDuration } from './duration.js';

/** The types that settings are made of. Each says what it accepts in words that fit after "expected". */

/** Milliseconds, written `300ms`, `5s`, `2m`, `1h` or `1m30s`. */
export function duration(limits: { minMs?: number; maxMs?: number } = {}): ValueType<number> {
  const range = rangeText(
    limits.minMs === undefined ? undefined : formatDuration(limits.minMs),
    limits.maxMs === undefined ? undefined : formatDuration(limits.maxMs),
  );
  return textual({
    label: 'DURATION',
    expected: `a duration such as 300ms, 5s, 2m or 1h${range}`,
    parse: (text) => {
      const ms = parseDuration(text);
      return ms === undefined || !within(ms, limits.minMs, limits.maxMs) ? rejected() : accepted(ms);
    },
  });
}

export function integer(limits: { min?: number; max?: number } = {}): ValueType<number> {
  return textual({
    label: 'N',
    expected: `a whole number${rangeText(limits.min, limits.max)}`,
    toml: 'number',
    parse: (text) => {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
      return Number.isSafeInteger(value) && within(value, limits.min, limits.max)
        ? accepted(value)
        : rejected();
    },
  });
}

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** Bytes, written `512KiB`, `4MiB` or `1GiB`. */
export function size(limits: { min?: number } = {}): ValueType<number> {
  const range = limits.min === undefined ? '' : ` of at least ${limits.min / 1024}KiB`;
  return textual({
    label: 'SIZE',
    expected: `a size such as 512KiB, 4MiB or 1GiB${range}`,
    parse: (text) => {
      const [, amount, unit = ''] = /^(\d{1,9})(|Ki|Mi|Gi)B$/.exec(text) ?? [];
      const bytes = Number(amount) * (UNIT_BYTES[unit] ?? Number.NaN);
      return within(bytes, limits.min, undefined) ? accepted(bytes) : rejected();
    },
  });
}

/** A part of the whole: 0 is none of it, 1 all. */
export function share(): ValueType<number> {
  return textual({
    label: 'SHARE',
    expected: 'a number between 0 and 1',
    toml: 'number',
    parse: (text) => {
      const value = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
      return within(value, 0, 1) ? accepted(value) : rejected();
    },
  });
}

/** `--flag` alone means true, `--flag=false` turns it off. */
export function boolean(): ValueType<boolean> {
  return textual({
    label: 'true|false',
    expected: 'true or false',
    impliedText: 'true',
    toml: 'boolean',
    parse: (text) => (text === 'true' || text === 'false' ? accepted(text === 'true') : rejected()),
  });
}

export function oneOf<const V extends string>(...values: readonly V[]): ValueType<V> {
  return textual({
    label: values.join('|'),
    expected: `one of ${values.join(', ')}`,
    parse: (text) => {
      const value = values.find((candidate) => candidate === text);
      return value === undefined ? rejected() : accepted(value);
    },
  });
}

/** Where a server listens: `host:port`, or `:port` for all interfaces. Port 0 takes a free one. */
export function listenAddress(): ValueType<ListenAddress> {
  return textual({
    label: 'HOST:PORT',
    expected: 'host:port or :port, where port is 0 (any free one) to 65535 and IPv6 is written [::1]:port',
    parse: (text) => {
      const address = listenAddressOf(text);
      return address === undefined ? rejected() : accepted(address);
    },
  });
}

/** An address that others can dial: both host and port are given. */
export function address(): ValueType<string> {
  return textual({
    label: 'HOST:PORT',
    expected: 'host:port, with a host that others can reach and a port of 1 to 65535',
    parse: (text) => (isDialable(text) ? accepted(text) : rejected()),
  });
}

/** Several addresses, each `host:port`, with or without a scheme in front. */
export function endpoints(): ValueType<readonly string[]> {
  return textual({
    label: 'HOST:PORT[,…]',
    expected: 'one or more host:port, separated by commas',
    toml: 'list',
    parse: (text) => {
      const entries = text.split(',').map((entry) => entry.trim());
      const wrong = entries.find((entry) => !isDialable(entry.replace(/^https?:\/\//, '')));
      if (wrong === undefined) return accepted(entries);
      return rejected(entries.length === 1 ? undefined : `"${wrong}" is not host:port`);
    },
  });
}

/** A file or directory. It need not exist; relative ones start at the working directory. */
export function path(label: 'FILE' | 'DIR'): ValueType<string> {
  return textual({
    label,
    expected: label === 'FILE' ? 'the path of a file' : 'the path of a directory',
    parse: (text) => (text.trim() === '' || text.includes('\0') ? rejected() : accepted(text)),
  });
}

export function url(schemes: readonly [string, ...string[]]): ValueType<string> {
  const protocols = schemes.map((scheme) => `${scheme}:`);
  return textual({
    label: 'URL',
    expected: `a URL that starts with ${protocols.join(' or ')}`,
    parse: (text) =>
      URL.canParse(text) && protocols.includes(new URL(text).protocol) ? accepted(text) : rejected(),
  });
}

/** A text that matches as a whole; `expected` says in words what that means. */
export function text(form: { label: string; expected: string; pattern: RegExp }): ValueType<string> {
  return textual({
    label: form.label,
    expected: form.expected,
    parse: (value) => (form.pattern.test(value) ? accepted(value) : rejected()),
  });
}

/** A part of the TOML file that has no flag, such as a list of tables. `parse` throws what is wrong. */
export function table<T>(expected: string, parse: (value: unknown) => T): ValueType<T> {
  return {
    label: '',
    expected,
    fromText: () => rejected('can only be set in the file of --config'),
    fromToml: (value): Parsed<T> => {
      try {
        return accepted(parse(value));
      } catch (error) {
        return rejected(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

function isDialable(text: string): boolean {
  const parts = splitHostPort(text);
  return parts !== undefined && parts.host !== '' && parts.port > 0;
}

function within(value: number, min = -Infinity, max = Infinity): boolean {
  return value >= min && value <= max;
}

function rangeText(min: string | number | undefined, max: string | number | undefined): string {
  if (min !== undefined && max !== undefined) return ` between ${min} and ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}
