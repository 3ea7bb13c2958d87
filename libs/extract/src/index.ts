export type { Extraction, FoundLink, PageContent } from './extraction.js';
