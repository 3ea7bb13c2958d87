import robotsParser from 'robots-parser';

/** What one robots.txt says (RFC 9309). */
export interface RobotsRules {
  allows(url: string, userAgent: string): boolean;
  crawlDelayMs(userAgent: string): number;
}

/** What a host without a robots.txt says: everything is allowed. */
export const NO_RULES: RobotsRules = { allows: () => true, crawlDelayMs: () => 0 };

const LONGEST_CRAWL_DELAY_MS = 3_600_000;

export function parseRobots(robotsUrl: string, text: string): RobotsRules {
  const robots = parse(robotsUrl, text);
  return {
    // Undefined is for URLs of another host than the file's.
    allows: (url, userAgent) => robots.isAllowed(url, userAgent) ?? true,
    crawlDelayMs: (userAgent) =>
      Math.min((robots.getCrawlDelay(userAgent) || 0) * 1_000, LONGEST_CRAWL_DELAY_MS),
  };
}

interface Robots {
  isAllowed(url: string, userAgent: string): boolean | undefined;
  getCrawlDelay(userAgent: string): number | undefined;
}

// The package's types describe an ES module, the package is CommonJS.
const parse = robotsParser as unknown as (url: string, text: string) => Robots;
