export type { FoundTask, TaskCode } from './found-task.js';
export { isModuleFile, TaskModules } from './task-modules.js';
