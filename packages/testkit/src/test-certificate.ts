import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfSignedCertificate } from '@camplane/camera-simulator/rtsp/self-signed-certificate';

/** A self-signed certificate and its key in two files of a folder. */
export type TestCertificate = { certFile: string; keyFile: string; cert: string; key: string };

/** Writes them, in place of those of an earlier call. */
export function writeTestCertificate(folder: string): TestCertificate {
  const { cert, key } = selfSignedCertificate('self-signed');
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { certFile, keyFile, cert, key };
}
