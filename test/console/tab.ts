import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';

const SERIOUS = ['serious', 'critical'];

/** One window of the console, at the address of a master. */
export class Tab {
  /** What the page threw and nobody caught. */
  readonly faults: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly address: string,
  ) {
    page.setDefaultTimeout(60_000);
    page.on('pageerror', ({ message }) => this.faults.push(message));
  }

  static async open(browser: Browser, address: string): Promise<Tab> {
    return new Tab(await browser.newPage({ viewport: { width: 1280, height: 800 } }), address);
  }

  async goto(path = ''): Promise<void> {
    await this.page.goto(`http://${this.address}/#/${path}`);
    await this.page.getByRole('heading', { level: 2 }).first().waitFor();
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** Serious faults of accessibility in what is shown now. */
  async obstacles(): Promise<{ id: string; html: string[] }[]> {
    await this.page.evaluate(
      await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'),
    );
    const violations = await this.page.evaluate(async () => {
      const found = await (globalThis as unknown as Axe).axe.run();
      return found.violations.map(({ id, impact, nodes }) => ({
        id,
        impact,
        html: nodes.map(({ html }) => html),
      }));
    });
    return violations.filter(({ impact }) => SERIOUS.includes(impact)).map(({ id, html }) => ({ id, html }));
  }
}

interface Axe {
  axe: {
    run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
  };
}
