export { compileTask, type CompiledTask, type Parsers } from './compile-task.js';
export type { Extraction, FoundLink, PageContent } from './extraction.js';
