import { Links } from '../links.js';
import { Page } from '../page.js';
import { compileParsedRule } from './parsed-rule.js';

describe('a parse function', () => {
  it('that does not come back fails its page after its time', async () => {
    const about = { url: 'http://site.test/', contentType: 'text/html', rule: 'page', depth: 0, carried: {} };
    const page = new Page(about, 'html', '<p>');
    const links = new Links(page.baseUrl, {}, () => true);
    const read = compileParsedRule(
      'page',
      () => [],
      () => new Promise<never>(() => undefined),
      new Set(['page']),
      20,
    );
    await expect(read(page, links)).rejects.toMatchObject({
      code: 'EXTRACT_FAILED',
      message: 'the parse function of rule "page" took longer than 20 ms',
    });
  });
});
