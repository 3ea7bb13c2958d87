import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import ts from 'typescript';

it.each(['tsconfig.build.json', 'apps/worker/tsconfig.app.json'])(
  '%s builds what modules import from the package',
  async (config) => {
    const { exports } = JSON.parse(await readFile('package.json', 'utf8')) as {
      exports: Record<string, { default: string }>;
    };
    const source = (exports['.']?.default ?? '').replace('./dist/', '').replace(/\.js$/, '.ts');
    const built = ts.getParsedCommandLineOfConfigFile(
      config,
      {},
      { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail },
    );
    expect(built?.fileNames).toContain(resolve(source));
  },
);

function fail(diagnostic: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}
