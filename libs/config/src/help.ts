import { type Setting, type SettingMap, type SettingsSchema } from './settings.js';

const NARROWEST = 60;
const WIDEST = 110;

/** The text of `--help`: every setting with its default, under the headings of their groups. */
export function renderHelp<M extends SettingMap>(schema: SettingsSchema<M>, columns = 100): string {
  const width = Math.min(Math.max(columns, NARROWEST), WIDEST);
  const groups = new Map<string, [string, string][]>();
  for (const setting of Object.values(schema.settings)) {
    const rows = groups.get(setting.group ?? 'Settings') ?? [];
    rows.push([synopsis(setting), explanation(setting)]);
    groups.set(setting.group ?? 'Settings', rows);
  }
  const general = groups.get('General') ?? [];
  groups.delete('General');
  groups.set('General', [
    ...general,
    ['--config=FILE', 'TOML file with further settings; its keys are named like the flags'],
    ['--help', 'Show this text'],
    ['--version', 'Show the version'],
  ]);
  const column = Math.min(34, Math.max(...[...groups.values()].flat().map(([flag]) => flag.length)) + 4);
  const parts = [
    `Usage: ${schema.usage ?? `orbweaver ${schema.program} [--flag=value …]`}`,
    wrap(schema.summary, width).join('\n'),
    ...[...groups].map(([name, rows]) =>
      [`${name}:`, ...rows.flatMap(([flag, about]) => row(flag, about, column, width))].join('\n'),
    ),
    wrap(
      'Durations are written 300ms, 5s, 2m, 1h. Each flag --some-flag is also the environment variable ' +
        `ORBWEAVER_SOME_FLAG and the key some-flag of the TOML file, at its top or in its table [${schema.program}]. ` +
        'A flag counts before the environment, the environment before the file.',
      width,
    ).join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function synopsis({ flag, type }: Setting): string {
  if (type.label === '') return flag;
  return type.impliedText === undefined ? `--${flag}=${type.label}` : `--${flag}[=${type.label}]`;
}

function explanation(setting: Setting): string {
  const notes = [
    ...(setting.default === undefined ? [] : [`default ${setting.default}`]),
    ...(setting.required === true ? ['required'] : []),
    ...(setting.secret === true ? ['secret: rather set it by its environment variable'] : []),
    ...(setting.type.label === '' ? ['only in the file of --config'] : []),
  ];
  return notes.length === 0 ? setting.description : `${setting.description} (${notes.join('; ')})`;
}

function row(flag: string, about: string, column: number, width: number): string[] {
  const lines = wrap(about, width - column);
  const indent = ' '.repeat(column);
  const head = `  ${flag}`;
  // A flag that reaches into the second column stands on a line of its own.
  return head.length + 2 > column
    ? [head, ...lines.map((line) => indent + line)]
    : lines.map((line, index) => (index === 0 ? head.padEnd(column) : indent) + line);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
