/** What one robots.txt says (RFC 9309). */
export class RobotsRules {
  readonly #groups: Group[];
  /** Of the last user agent: tasks ask for one page after the other. */
  #last: { userAgent: string; rules: GroupRules } | undefined;

  constructor(text: string) {
    this.#groups = groupsOf(text);
  }

  /** There is no file, or it speaks of nobody. */
  get isEmpty(): boolean {
    return this.#groups.length === 0;
  }

  /** `url` is absolute. */
  allows(url: string, userAgent: string): boolean {
    const { lines } = this.#rulesFor(userAgent);
    if (lines.length === 0) return true;
    const path = normalized(pathOf(url));
    // The longest comes first, and of equal ones the one that allows.
    return path === '/robots.txt' || (lines.find((line) => matches(line, path))?.allows ?? true);
  }

  /** In short, for people. */
  verdict(userAgent: string): RobotsVerdict {
    if (this.isEmpty) return 'none';
    const { lines } = this.#rulesFor(userAgent);
    if (lines.every(({ allows }) => allows)) return 'allows';
    const mayAny = lines.some(({ allows }) => allows) || this.allows('http://host/', userAgent);
    return mayAny ? 'forbids some' : 'forbids all';
  }

  crawlDelayMs(userAgent: string): number {
    return this.#rulesFor(userAgent).crawlDelayMs;
  }

  /** All groups that name the crawler count as one; those for everybody where none does. */
  #rulesFor(userAgent: string): GroupRules {
    if (this.#last?.userAgent === userAgent) return this.#last.rules;
    const tokens = productTokens(userAgent);
    const own = this.#groups.filter(({ agents }) => agents.some((agent) => tokens.includes(agent)));
    const groups = own.length > 0 ? own : this.#groups.filter(({ agents }) => agents.includes('*'));
    const rules: GroupRules = {
      lines: groups
        .flatMap(({ lines }) => lines)
        .sort((a, b) => b.length - a.length || Number(b.allows) - Number(a.allows)),
      crawlDelayMs: Math.max(0, ...groups.map(({ crawlDelayMs }) => crawlDelayMs)),
    };
    this.#last = { userAgent, rules };
    return rules;
  }
}

export type RobotsVerdict = 'none' | 'allows' | 'forbids some' | 'forbids all';

/** What a host without a robots.txt says: everything is allowed. */
export const NO_RULES = new RobotsRules('');

interface GroupRules {
  lines: Line[];
  crawlDelayMs: number;
}

interface Group extends GroupRules {
  /** Product tokens in lower case, or `*`. */
  agents: string[];
}

interface Line {
  allows: boolean;
  /** What decides between lines that match. */
  length: number;
  /** The pattern between its stars: the first is where the path begins, the others come after, in this order. */
  parts: string[];
  /** The pattern ends with `$`: so does the path. */
  isWhole: boolean;
}

function groupsOf(text: string): Group[] {
  const groups: Group[] = [];
  let namesAgents = false;
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n?|\n/)) {
    const [record = ''] = line.split('#', 1);
    const colonAt = record.indexOf(':');
    const key = record.slice(0, Math.max(0, colonAt)).trim().toLowerCase();
    const value = record.slice(colonAt + 1).trim();
    const group = groups.at(-1);
    switch (key) {
      case 'user-agent': {
        const agent = /^(?:\*|[a-z_-]+)/i.exec(value)?.[0].toLowerCase();
        if (namesAgents) group?.agents.push(...(agent === undefined ? [] : [agent]));
        else groups.push({ agents: agent === undefined ? [] : [agent], lines: [], crawlDelayMs: 0 });
        namesAgents = true;
        break;
      }
      case 'allow':
      case 'disallow':
        namesAgents = false;
        if (value !== '') group?.lines.push(lineOf(value, key === 'allow'));
        break;
      case 'crawl-delay': {
        namesAgents = false;
        const seconds = Number(value);
        if (group !== undefined && seconds > 0) {
          group.crawlDelayMs = Math.min(seconds * 1_000, LONGEST_CRAWL_DELAY_MS);
        }
        break;
      }
      // Other records (Sitemap, Host) belong to no group and end none.
    }
  }
  return groups;
}

/** No task waits longer for a host than this. */
const LONGEST_CRAWL_DELAY_MS = 3_600_000;

function lineOf(pattern: string, allows: boolean): Line {
  const path = normalized(pattern);
  const isWhole = path.endsWith('$');
  const parts = (isWhole ? path.slice(0, -1) : path).split(/\*+/);
  return { allows, length: path.length, parts, isWhole };
}

/** Each part as early as it comes: what matches at all, matches that way. */
function matches({ parts, isWhole }: Line, path: string): boolean {
  const first = parts[0] as string;
  if (!path.startsWith(first)) return false;
  let at = first.length;
  const last = isWhole ? parts.length - 1 : parts.length;
  for (let index = 1; index < last; index++) {
    const part = parts[index] as string;
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  if (!isWhole) return true;
  if (parts.length === 1) return path.length === at;
  const end = parts[last] as string;
  return path.length - end.length >= at && path.endsWith(end);
}

/** Path and query. */
function pathOf(url: string): string {
  const at = url.indexOf('/', url.indexOf('://') + 3);
  return at < 0 ? '/' : url.slice(at);
}

/** Two ways to write the same octets become one: what is no ASCII is escaped, what needs no escape is not. */
function normalized(path: string): string {
  if (!NEEDS_WORK.test(path)) return path;
  return path
    .replace(/[^\p{ASCII}]+/gu, (text) => Buffer.from(text).toString('hex').replace(/../g, '%$&'))
    .replace(/%[0-9a-f]{2}/gi, (escape) => {
      const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
    });
}

const NEEDS_WORK = /[%\u0080-\uffff]/;

/** Names by which a crawler may be meant: `Mozilla/5.0 (compatible; Bot/1.0)` is `bot` and `mozilla`. */
function productTokens(userAgent: string): string[] {
  const tokens = userAgent.toLowerCase().match(/[a-z_-]+(?=\/)/g) ?? [];
  const first = /^[a-z_-]+/i.exec(userAgent)?.[0].toLowerCase();
  return first === undefined ? tokens : [first, ...tokens];
}
