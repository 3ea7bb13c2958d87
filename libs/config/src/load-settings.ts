import { readCommandLine } from './command-line.js';
import { readConfigFile } from './config-file.js';
import { type Fault, renderFaults } from './faults.js';
import { renderHelp } from './help.js';
import {
  type Setting,
  type SettingMap,
  type SettingValues,
  type SettingsSchema,
  environmentName,
} from './settings.js';
import { productVersion } from './version.js';

/** What a program was told, in the order in which sources count: flags, environment, TOML file, defaults. */
export interface Sources {
  /** Without the interpreter and the program. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Loaded<M extends SettingMap> =
  | { readonly kind: 'settings'; readonly values: SettingValues<M> }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] };

/**
 * Reads every source once and reports every fault at once. An environment variable that is empty counts as not
 * set; variables that are not ours are not looked at, since others (Kubernetes' service links) write some too.
 */
export function loadSettings<M extends SettingMap>(schema: SettingsSchema<M>, sources: Sources): Loaded<M> {
  const settings = Object.values(schema.settings);
  const line = readCommandLine(sources.argv, settings);
  if (line.help) return { kind: 'help' };
  if (line.version) return { kind: 'version' };

  const faults = [...line.faults];
  const file = line.texts.get('config') ?? (sources.env['ORBWEAVER_CONFIG'] || undefined);
  const fromFile = file === undefined ? undefined : readConfigFile(file, schema.program, settings);
  faults.push(...(fromFile?.faults ?? []));

  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(schema.settings)) {
    const environment = environmentName(setting);
    const flagText = line.texts.get(setting.flag);
    const environmentText = sources.env[environment] || undefined;
    if (flagText !== undefined) {
      values[name] = read(setting, 'fromText', flagText, `--${setting.flag}`, faults);
    } else if (environmentText !== undefined) {
      values[name] = read(setting, 'fromText', environmentText, environment, faults);
    } else if (fromFile?.values.has(setting.flag) === true) {
      const value = fromFile.values.get(setting.flag);
      values[name] = read(setting, 'fromToml', value, `${file}: ${setting.flag}`, faults);
    } else if (setting.default !== undefined) {
      values[name] = read(setting, 'fromText', setting.default, `--${setting.flag}`, faults);
    } else {
      values[name] = undefined;
      if (setting.required === true) {
        faults.push({ where: `--${setting.flag}`, message: `is required: ${setting.type.expected}` });
      }
    }
  }

  // The loop above has given every name of the schema a value of its type.
  const typed = values as SettingValues<M>;
  if (faults.length === 0) {
    faults.push(...(schema.check?.(typed) ?? []).map((message) => ({ where: '', message })));
  }
  return faults.length === 0 ? { kind: 'settings', values: typed } : { kind: 'faults', faults };
}

/** For the first line of a program: returns its settings, or prints help, version or faults and exits (0, 0, 2). */
export function loadSettingsOrExit<M extends SettingMap>(
  schema: SettingsSchema<M>,
  sources: Sources = { argv: process.argv.slice(2), env: process.env },
): SettingValues<M> {
  const loaded = loadSettings(schema, sources);
  if (loaded.kind === 'settings') return loaded.values;
  if (loaded.kind === 'faults') {
    process.stderr.write(renderFaults(`orbweaver ${schema.program}`, loaded.faults));
    return process.exit(2);
  }
  const help = loaded.kind === 'help';
  process.stdout.write(help ? renderHelp(schema, process.stdout.columns) : `orbweaver ${productVersion()}\n`);
  return process.exit(0);
}

function read(
  setting: Setting,
  form: 'fromText' | 'fromToml',
  value: unknown,
  where: string,
  faults: Fault[],
): unknown {
  const parsed = form === 'fromText' ? setting.type.fromText(String(value)) : setting.type.fromToml(value);
  if (parsed.ok) return parsed.value;
  const shown = setting.secret === true ? 'the value (not shown)' : JSON.stringify(value);
  const message = parsed.reason ?? `expected ${setting.type.expected}, got ${shown}`;
  faults.push({ where, message });
  return undefined;
}
