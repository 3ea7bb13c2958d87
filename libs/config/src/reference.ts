import { type Setting, type SettingMap, type SettingsSchema, environmentName } from './settings.js';

type Documented = Pick<SettingsSchema<SettingMap>, 'program' | 'summary' | 'settings'>;

/** The reference page in Markdown: one section a program, one row a setting. */
export function renderReference(schemas: readonly Documented[]): string {
  const intro = [
    '# Configuration',
    '',
    '<!-- Written by `npm run docs` from the schemas of the programs. Do not edit. -->',
    '',
    'A flag counts before the environment, the environment before the TOML file of `--config`, the file before the',
    'default. Every fault is reported at once, and the program exits with code 2. Durations are written `300ms`,',
    '`5s`, `2m`, `1h`. An empty environment variable counts as not set.',
    '',
    'The keys of the TOML file are named like the flags. Programs may share a file: what stands in the table',
    '`[master]` or `[worker]` is for that program alone and counts before the same key at the top.',
  ];
  return `${[...intro, ...schemas.flatMap(section)].join('\n')}\n`;
}

function section({ program, summary, settings }: Documented): string[] {
  return [
    '',
    `## orbweaver ${program}`,
    '',
    summary,
    '',
    '| flag | environment | default | what it does |',
    '| --- | --- | --- | --- |',
    ...Object.values(settings).map(row),
  ];
}

function row(setting: Setting): string {
  const fileOnly = setting.type.label === '';
  const cells = [
    fileOnly ? `\`${setting.flag}\` (file only)` : `\`--${setting.flag}=${setting.type.label}\``,
    fileOnly ? '' : `\`${environmentName(setting)}\``,
    setting.default === undefined ? (setting.required === true ? 'required' : '') : `\`${setting.default}\``,
    `${setting.description}${setting.secret === true ? ' (secret)' : ''}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
