import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';

/**
 * QuickJS, compiled to WebAssembly, once for each bound of memory that scripts have: the bound is that of the
 * engine's own memory. QuickJS has one of its own, too, but in this build it does not know how large what it has
 * allocated is, and lets a script take gigabytes.
 */
export class Engines {
  readonly #engines = new Map<number, Promise<QuickJSWASMModule>>();

  of(memoryBytes: number): Promise<QuickJSWASMModule> {
    let engine = this.#engines.get(memoryBytes);
    if (engine === undefined) {
      if (this.#engines.size === MAX_ENGINES) this.#engines.clear();
      engine = newEngine(memoryBytes);
      this.#engines.set(memoryBytes, engine);
    }
    return engine;
  }
}

const MAX_ENGINES = 4;
const PAGE_BYTES = 65_536;

/** What the engine begins with: its stack and its constants are in it. */
const INITIAL_PAGES = 256;
const OWN_BYTES = 8 * 2 ** 20;

/** Node has it; its types do not. */
declare const WebAssembly: { Memory: new (pages: { initial: number; maximum: number }) => object };

async function newEngine(memoryBytes: number): Promise<QuickJSWASMModule> {
  // Its types are those of its CommonJS form, which wraps it once more.
  const module: unknown = await import('@jitl/quickjs-wasmfile-release-sync');
  const { default: variant } = module as { default: QuickJSSyncVariant };
  const maximum = Math.max(INITIAL_PAGES, Math.ceil((memoryBytes + OWN_BYTES) / PAGE_BYTES));
  const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum });
  return newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmMemory }));
}
