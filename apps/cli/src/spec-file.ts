import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';
import { type Spec } from './api/master-api.js';
import { EXIT, Failure } from './failure.js';

/** The specs in a YAML or JSON file, or in standard input for `-`: one a YAML document, or a list of them. */
export async function readSpecs(file: string, stdin: NodeJS.ReadableStream): Promise<Spec[]> {
  const where = file === '-' ? 'Standard input' : file;
  const documents = parseAllDocuments(await contentOf(file, stdin));
  const values: unknown[] = [];
  for (const document of documents) {
    const [fault] = document.errors;
    if (fault !== undefined) {
      throw new Failure(EXIT.usage, `${where} is not valid YAML or JSON: ${fault.message.trim()}`);
    }
    values.push(document.toJS());
  }
  const specs = values.flat().filter((value) => value !== null);
  if (specs.length === 0) throw new Failure(EXIT.usage, `${where} holds no task.`);
  return specs.map((value, index) => {
    if (isSpec(value)) return value;
    const which = specs.length === 1 ? where : `Task ${index + 1} of ${where}`;
    throw new Failure(EXIT.usage, `${which} is not a task: expected a mapping such as "name: bookshop".`);
  });
}

/** The one spec of a file. */
export async function readSpec(file: string, stdin: NodeJS.ReadableStream): Promise<Spec> {
  const [spec, ...more] = await readSpecs(file, stdin);
  if (spec === undefined || more.length > 0) {
    throw new Failure(EXIT.usage, `${file} holds ${more.length + 1} tasks; expected one.`);
  }
  return spec;
}

export function nameOf(spec: Spec, where: string): string {
  const name = spec['name'];
  if (typeof name === 'string' && name !== '') return name;
  throw new Failure(EXIT.usage, `A task in ${where} has no name; write one as in "name: bookshop".`);
}

async function contentOf(file: string, stdin: NodeJS.ReadableStream): Promise<string> {
  try {
    return file === '-' ? await text(stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EACCES: 'permission denied',
      EISDIR: 'it is a directory',
    };
    const reason = reasons[code ?? ''] ?? message;
    throw new Failure(EXIT.usage, `Cannot read ${file}: ${reason}.`, { cause: error });
  }
}

function isSpec(value: unknown): value is Spec {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
