import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate with its key, in PEM files and as text. */
export type IssuedCertificate = { certFile: string; keyFile: string; cert: string; key: string };

export type TestAuthority = {
  caFile: string;
  caPem: string;
  /** `hosts` as in `DNS:localhost` or `IP:127.0.0.1`. */
  issue(name: string, options?: { hosts?: readonly string[]; expired?: boolean }): IssuedCertificate;
};

/** A certificate authority in a folder, made with the `openssl` program. Several may share the folder. */
export function createTestAuthority(folder: string, name = 'authority'): TestAuthority {
  const at = (file: string) => join(folder, file);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const caFile = at(`${name}.crt`);
  const caKey = at(`${name}.key`);
  openssl('req', '-x509', ...newKey, '-keyout', caKey, '-out', caFile, '-days', '30', '-subj', `/CN=${name}`);
  let serial = 0;
  return {
    caFile,
    caPem: readFileSync(caFile, 'utf8'),
    issue(subject, { hosts = ['DNS:localhost', 'IP:127.0.0.1'], expired = false } = {}) {
      serial += 1;
      const stem = `${name}-${subject}-${serial}`;
      const [keyFile, certFile, request, extensions] = ['key', 'crt', 'csr', 'ext'].map((end) =>
        at(`${stem}.${end}`),
      );
      if (!keyFile || !certFile || !request || !extensions) throw new Error('unreachable');
      writeFileSync(extensions, `subjectAltName=${hosts.join(',')}\n`);
      openssl('req', ...newKey, '-keyout', keyFile, '-out', request, '-subj', `/CN=${subject}`);
      openssl(
        ...['x509', '-req', '-in', request, '-CA', caFile, '-CAkey', caKey, '-set_serial', String(serial)],
        ...['-extfile', extensions, '-out', certFile, '-days', expired ? '-1' : '30'],
      );
      return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    },
  };
}
