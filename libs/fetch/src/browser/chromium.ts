import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { LaunchOptions } from 'playwright-core';

/** The browser of this machine: as it is set, or else as it is found; undefined when there is none. */
export function findChromium(path: string | undefined): string | undefined {
  if (path !== undefined && path !== '') return isProgram(path) ? path : undefined;
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => directories.map((directory) => join(directory, name))).find(isProgram);
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not to be run.
    return false;
  }
}

export function launchOptions(executablePath: string): LaunchOptions {
  return {
    executablePath,
    // Chromium does not start as root with its sandbox.
    chromiumSandbox: process.getuid?.() !== 0,
    // Each page has a proxy of its own; what belongs to no page leads nowhere.
    proxy: { server: 'http://127.0.0.1:9' },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      // All that would go past the proxy.
      '--disable-quic',
      '--webrtc-ip-handling-policy=disable_non_proxied_udp',
      // Its name in older releases.
      '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      '--disable-dev-shm-usage',
    ],
  };
}
