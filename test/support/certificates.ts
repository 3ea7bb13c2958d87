import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A throw-away authority and one certificate for 127.0.0.1, good for servers and clients. Needs `openssl`. */
export interface Certificates {
  caFile: string;
  certFile: string;
  keyFile: string;
  remove(): Promise<void>;
}

const run = promisify(execFile);

export async function makeCertificates(): Promise<Certificates> {
  const directory = await mkdtemp(join(tmpdir(), 'orbweaver-tls-'));
  const file = (name: string): string => join(directory, name);
  const openssl = (command: string) => run('openssl', command.split(' '), { cwd: directory });
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  await writeFile(
    file('extensions'),
    'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n',
  );
  await openssl(`req -x509 ${newKey} -days 1 -subj /CN=authority -keyout ca.key -out ca.pem`);
  await openssl(`req ${newKey} -subj /CN=test -keyout test.key -out test.csr`);
  await openssl(
    'x509 -req -in test.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile extensions -out test.pem',
  );
  return {
    caFile: file('ca.pem'),
    certFile: file('test.pem'),
    keyFile: file('test.key'),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
