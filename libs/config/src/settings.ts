import type { ValueType } from './value-type.js';
import { InvalidSchema } from './faults.js';

/**
 * A program's settings: one schema from which the flags, the environment variables, the keys of the TOML file,
 * the help, the reference page and the type of the parsed values all follow. Each setting has one name, its
 * flag's: `register-ttl` is `--register-ttl`, `ORBWEAVER_REGISTER_TTL` and the TOML key `register-ttl`.
 */
export interface Setting<T = unknown> {
  readonly flag: string;
  readonly type: ValueType<T>;
  /** One sentence or two, without the default: the help adds it. */
  readonly description: string;
  /** As a person would write it: `5s`. */
  readonly default?: string;
  /** Without a default, a setting that is not required is undefined when nobody sets it. */
  readonly required?: boolean;
  /** Never shown in a message. */
  readonly secret?: boolean;
  /** Heading in the help. */
  readonly group?: string;
}

export type SettingMap = Readonly<Record<string, Setting>>;

export interface SettingsSchema<M extends SettingMap> {
  /** Name of the program, and of its own table in a TOML file that several programs share. */
  readonly program: string;
  /** What the program is, in a sentence or two. */
  readonly summary: string;
  /** The line after "Usage:"; `orbweaver <program> [flags]` when it is not given. */
  readonly usage?: string;
  readonly settings: M;
  /** What must hold between values; each entry is one fault as a sentence. Called when each value alone is right. */
  readonly check?: (values: SettingValues<M>) => readonly string[];
}

export type SettingValues<M extends SettingMap> = { readonly [K in keyof M]: SettingValue<M[K]> };

type SettingValue<S> = S extends { readonly type: ValueType<infer T> }
  ? S extends { readonly default: string } | { readonly required: true }
    ? T
    : T | undefined
  : never;

/** The values of a schema: `SettingsOf<typeof masterSettings>`. */
export type SettingsOf<S> = S extends SettingsSchema<infer M> ? SettingValues<M> : never;

/** Refuses, when the program is loaded, a schema whose own defaults or names are wrong. */
export function defineSettings<const M extends SettingMap>(schema: SettingsSchema<M>): SettingsSchema<M> {
  const flags = new Set<string>(BUILT_IN_FLAGS);
  for (const setting of Object.values(schema.settings)) {
    if (flags.has(setting.flag)) throw new InvalidSchema(`--${setting.flag} is defined twice`);
    flags.add(setting.flag);
    if (setting.default !== undefined && !setting.type.fromText(setting.default).ok) {
      throw new InvalidSchema(
        `the default of --${setting.flag}, "${setting.default}", is not ${setting.type.expected}`,
      );
    }
  }
  return schema;
}

/** What every program takes beside its own settings. */
export const BUILT_IN_FLAGS = ['config', 'help', 'version'] as const;

export function environmentName(setting: Setting): string {
  return `ORBWEAVER_${setting.flag.replaceAll('-', '_').toUpperCase()}`;
}
