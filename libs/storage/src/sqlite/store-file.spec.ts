import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { StoreFile } from './store-file.js';

describe('the file of a store', () => {
  let directory: string;
  let path: string;
  let files: StoreFile[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-store-'));
    path = join(directory, 'store.db');
    files = [];
  });
  afterEach(async () => {
    for (const file of files) file.close();
    await rm(directory, { recursive: true });
  });

  function open(at = path, giveUpMs?: number): StoreFile {
    const file = new StoreFile(at, undefined, giveUpMs);
    files.push(file);
    return file;
  }
  const save = (file: StoreFile, origin: string) =>
    file.write((db) => db.run('INSERT INTO robots VALUES (?, ?, 0, 0)', origin, ''));
  const count = (file: StoreFile) =>
    file.read((db) => Number(db.get('SELECT count(*) AS count FROM robots')?.count));
  const unavailable = (...what: string[]) => ({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringMatching(`${path}.*${what.join('.*')}`),
  });

  it('is made by the first of several that open it at once', async () => {
    const all = Array.from({ length: 8 }, () => open());
    await Promise.all(all.map((file, index) => save(file, `http://${index}`)));
    expect(await count(open())).toBe(8);
  });

  it('is made with its directory, and says when that cannot be', async () => {
    await save(open(join(directory, 'new', 'store.db')), 'http://a');
    await writeFile(path, '');
    await expect(count(open(join(path, 'below', 'store.db')))).rejects.toMatchObject(unavailable());
  });

  it('says that it is no database', async () => {
    await writeFile(path, 'certainly not a database: '.repeat(100));
    await expect(count(open())).rejects.toMatchObject(unavailable('it is no database'));
  });

  it('is left alone when a newer version made it', async () => {
    await save(open(), 'http://a');
    raw((db) => db.exec('INSERT INTO schema_version (version) VALUES (999)'));
    await expect(count(open())).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  it('of the first engine is brought to the present form', async () => {
    raw((db) =>
      db.exec(`
        CREATE TABLE schema_version (version INTEGER NOT NULL);
        INSERT INTO schema_version (version) VALUES (1);
        CREATE TABLE crawl (id INTEGER PRIMARY KEY, resource TEXT UNIQUE) STRICT;
        INSERT INTO crawl (resource) VALUES ('old');
        CREATE TABLE claim_number (number INTEGER NOT NULL) STRICT;
        CREATE TABLE page (crawl INTEGER, seq INTEGER, PRIMARY KEY (crawl, seq)) STRICT, WITHOUT ROWID;
      `),
    );
    const file = open();
    expect(await count(file)).toBe(0);
    expect(await file.read((db) => db.all('SELECT * FROM crawl'))).toEqual([]);
  });

  it('is waited for while another process writes to it', async () => {
    const file = open();
    await save(file, 'http://a');
    const other = new Libsql(path);
    other.exec('BEGIN IMMEDIATE');
    const saved = save(file, 'http://b');
    expect(await count(open())).toBe(1);
    other.exec('COMMIT');
    other.close();
    await saved;
    expect(await count(file)).toBe(2);
  });

  it('that stays locked is given up, and used again when it is free', async () => {
    const file = open(path, 100);
    await save(file, 'http://a');
    const other = new Libsql(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(save(file, 'http://b')).rejects.toMatchObject(
      unavailable('another process keeps it locked'),
    );
    other.exec('COMMIT');
    other.close();
    await save(file, 'http://b');
    expect(await count(file)).toBe(2);
  });

  it('that was removed is not made anew, and used again when it is back', async () => {
    const file = open();
    await save(file, 'http://a');
    for (const end of ['', '-wal', '-shm']) await rename(path + end, `${path}.away${end}`);
    await expect(save(file, 'http://b')).rejects.toMatchObject(unavailable('somebody has removed the file'));
    await expect(count(file)).rejects.toMatchObject(unavailable('somebody has removed the file'));
    for (const end of ['', '-wal', '-shm'])
      await rename(`${path}.away${end}`, path + end).catch(() => undefined);
    await save(file, 'http://b');
    expect(await count(file)).toBe(2);
  });

  it('that was replaced by another, as from a backup, is used from then on', async () => {
    const file = open();
    await save(file, 'http://a');
    raw((db) => db.exec(`VACUUM INTO '${path}.backup'`));
    await save(file, 'http://b');
    for (const end of ['', '-wal', '-shm']) await rm(path + end, { force: true });
    await rename(`${path}.backup`, path);
    expect(await count(file)).toBe(1);
  });

  it('that is damaged is said to be, and used again when it is mended', async () => {
    const file = open();
    for (let n = 0; n < 200; n++) await save(file, `http://${n}/${'x'.repeat(500)}`);
    file.close();
    raw((db) => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
    const good = await readFile(path);
    await writeFile(path, Buffer.concat([good.subarray(0, 4096), Buffer.alloc(good.length - 4096, 0xa5)]));
    await expect(count(file)).rejects.toMatchObject(unavailable('it is damaged'));
    await writeFile(path, good);
    expect(await count(file)).toBe(200);
  });

  it('has nothing of a transaction that failed', async () => {
    const file = open();
    const failing = file.write((db) => {
      db.run('INSERT INTO robots VALUES (?, ?, 0, 0)', 'http://a', '');
      throw new TypeError('a mistake');
    });
    await expect(failing).rejects.toThrow(TypeError);
    expect(await count(file)).toBe(0);
  });

  function raw(work: (db: Libsql.Database) => void): void {
    const db = new Libsql(path);
    work(db);
    db.close();
  }
});
