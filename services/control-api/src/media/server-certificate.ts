import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkServerIdentity, createSecureContext, rootCertificates } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';

export type CertificateTrust = Required<Pick<ConnectionOptions, 'secureContext' | 'checkServerIdentity'>>;

type Pinned = { pem: string; leaf: X509Certificate };

/** The current certificate and the one before it: servers load a renewed file at different times. */
const pinnedMax = 2;

/**
 * Recognises a server by the certificate in a file, at any address: the server must present that certificate, or one for
 * the same name from an authority in the file or of Node.js. The returned function reads the file at each call.
 *
 * @param certFile certificate and chain in PEM, the same file as the server's
 */
export function trustCertificateIn(certFile: string): () => CertificateTrust {
  let pinned: Pinned[] = [];
  let trust: CertificateTrust | undefined;
  return () => {
    const pem = readFileSync(certFile, 'utf8');
    if (trust === undefined || pem !== pinned[0]?.pem) {
      pinned = [{ pem, leaf: new X509Certificate(pem) }, ...pinned].slice(0, pinnedMax);
      trust = trustIn(pinned);
    }
    return trust;
  };
}

function trustIn(pinned: readonly Pinned[]): CertificateTrust {
  const [newest] = pinned;
  const name = newest === undefined ? '' : nameOf(newest.leaf);
  return {
    secureContext: createSecureContext({
      ca: [...rootCertificates, ...pinned.map(({ pem }) => pem)],
      // The file may end before the root of its chain.
      allowPartialTrustChain: true,
    }),
    checkServerIdentity: (_host, peer) =>
      pinned.some(({ leaf }) => leaf.fingerprint256 === peer.fingerprint256)
        ? undefined
        : checkServerIdentity(name, peer),
  };
}

/** One of the names that the certificate is valid for. */
function nameOf({ subjectAltName = '', subject }: X509Certificate): string {
  const [, name] = /(?:DNS|IP Address):([^,\s]+)/.exec(subjectAltName) ?? /^CN=(.+)$/m.exec(subject) ?? [];
  return (name ?? '').replace('*', 'any');
}
