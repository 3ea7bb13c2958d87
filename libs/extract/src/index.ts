export { compileTask, type CompiledTask } from './compile-task.js';
export type { Extraction, FoundLink, PageContent } from './extraction.js';
