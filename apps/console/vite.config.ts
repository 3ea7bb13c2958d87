import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const OUT_DIR = join(import.meta.dirname, '../../dist/apps/console');

/** Built to files that every master serves at `/`. `npx vite apps/console` serves them while they are worked on. */
export default defineConfig({
  base: './',
  build: { outDir: OUT_DIR, emptyOutDir: true, chunkSizeWarningLimit: 1_000 },
  server: { proxy: { '/crawler': process.env.ORBWEAVER_SERVER ?? 'http://127.0.0.1:8081' } },
  plugins: [compressed()],
});

/** Beside each asset its compressed form, for browsers that are not on this machine. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      const assets = join(OUT_DIR, 'assets');
      for (const file of readdirSync(assets).filter((name) => /\.(?:js|css)$/.test(name))) {
        writeFileSync(join(assets, `${file}.br`), brotliCompressSync(readFileSync(join(assets, file))));
      }
    },
  };
}
