import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { StartupError } from './startup-error.ts';

/** A certificate chain and its private key, in PEM files. */
export type TlsFiles = { certFile: string; keyFile: string };

/** `validUntil` is for the log. */
export type TlsPair = { cert: string; key: string; validUntil: Date };

export type TlsLog = Record<'info' | 'warn', (fields: object, message: string) => void>;

/** Replaced files are noticed within this time. Polled, because mounted Secrets replace links and not the files. */
const pollIntervalMs = 2_000;

/** @throws StartupError that names the file and the reason */
export function readTlsPair({ certFile, keyFile }: TlsFiles): TlsPair {
  const cert = read(certFile, 'TLS_CERT_FILE');
  const key = read(keyFile, 'TLS_KEY_FILE');
  try {
    createSecureContext({ cert, key });
    return { cert, key, validUntil: new X509Certificate(cert).validToDate };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' ? 'they do not belong together' : message;
    throw new StartupError(
      `${certFile} (TLS_CERT_FILE) and ${keyFile} (TLS_KEY_FILE) are not a certificate and its key in PEM: ${reason}`,
      { cause: error },
    );
  }
}

/**
 * Watches the files and passes each new, valid pair on. A broken pair is logged once and the last good one stays in use: the
 * two files are rarely replaced at the same moment.
 *
 * @param current the pair in use
 * @returns stops watching
 */
export function watchTlsPair(
  files: TlsFiles,
  current: TlsPair,
  options: { onPair(pair: TlsPair): void; log: TlsLog },
): () => void {
  const { log } = options;
  let used = current;
  let lastProblem = '';
  const poll = (): void => {
    try {
      const pair = readTlsPair(files);
      lastProblem = '';
      if (pair.cert === used.cert && pair.key === used.key) return;
      options.onPair(pair);
      used = pair;
      log.info({ certFile: files.certFile, validUntil: pair.validUntil }, 'TLS certificate reloaded');
    } catch (error) {
      const { message } = error as Error;
      if (message !== lastProblem)
        log.warn({ reason: message }, 'TLS certificate invalid, keeping the last one');
      lastProblem = message;
    }
  };
  const timer = setInterval(poll, pollIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

function read(file: string, variable: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { message } = error as Error;
    throw new StartupError(`the file of ${variable} cannot be read: ${message}`, { cause: error });
  }
}
