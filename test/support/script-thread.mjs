// The program of the thread that scripts run in, from its TypeScript source.
import { createJiti } from 'jiti';

const root = new URL('../../', import.meta.url);
const jiti = createJiti(import.meta.url, { tsconfigPaths: new URL('tsconfig.json', root).pathname });
await jiti.import(new URL('libs/extract/src/script/script-thread.ts', root).pathname);
