import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The machine's Chromium; undefined when there is none on the PATH. */
export const browserPath = NAMES.flatMap((name) =>
  (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, name)),
).find(isExecutable);

export function startBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error('there is no Chromium on the PATH');
  // Chromium's own sandbox refuses to run as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: browserPath, args });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
