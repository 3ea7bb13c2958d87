import { z } from 'zod';
import { task } from './task.js';

/** The JSON Schema of a task as it is written: for editors, which complete and check as people type. */
export function renderTaskSchema(): string {
  const schema = z.toJSONSchema(task, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title: 'A task of Orbweaver', ...schema }, undefined, 2)}\n`;
}
