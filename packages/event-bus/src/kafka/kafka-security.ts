import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { connect, createSecureContext } from 'node:tls';
import { isLoopback } from '@camplane/runtime/loopback';
import { StartupError } from '@camplane/service-kit/startup-error';
import type { ISocketFactory, SASLOptions } from 'kafkajs';
import type { KafkaSecurityEnvironment } from '../bus-variables.ts';
import type { BusLog } from '../event-bus.ts';

/** PEM files; `null` for Node's own authorities, and for no client certificate. */
export type KafkaTls = { caFile: string | null; client: { certFile: string; keyFile: string } | null };

export type KafkaSecurity = {
  /** `null`: plain text. */
  tls: KafkaTls | null;
  /** `null`: no login. */
  sasl: Extract<SASLOptions, { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' }> | null;
};

export const noSecurity: KafkaSecurity = { tls: null, sasl: null };

const keepAliveDelayMs = 60_000;

/** @throws StartupError that names the variable and the remedy */
export function kafkaSecurity(env: KafkaSecurityEnvironment): KafkaSecurity {
  return { tls: tlsFrom(env), sasl: saslFrom(env) };
}

function tlsFrom(env: KafkaSecurityEnvironment): KafkaTls | null {
  const files = ['KAFKA_TLS_CA_FILE', 'KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE'] as const;
  if (!env.KAFKA_TLS) {
    const named = files.find((variable) => env[variable] !== undefined);
    if (named === undefined) return null;
    throw new StartupError(`${named} is set, but KAFKA_TLS is off: set KAFKA_TLS=on, or remove ${named}`);
  }
  const {
    KAFKA_TLS_CA_FILE: caFile = null,
    KAFKA_TLS_CERT_FILE: certFile,
    KAFKA_TLS_KEY_FILE: keyFile,
  } = env;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const missing = certFile === undefined ? 'KAFKA_TLS_CERT_FILE' : 'KAFKA_TLS_KEY_FILE';
    throw new StartupError(
      `${missing} is not set: a client certificate needs KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE, or neither`,
    );
  }
  const client = certFile === undefined || keyFile === undefined ? null : { certFile, keyFile };
  const tls: KafkaTls = { caFile, client };
  checkFiles(tls);
  return tls;
}

function checkFiles(tls: KafkaTls): void {
  if (tls.caFile !== null) {
    const ca = readText(tls.caFile, 'KAFKA_TLS_CA_FILE');
    checkPem(
      () => new X509Certificate(ca),
      `KAFKA_TLS_CA_FILE (${tls.caFile}) has no valid certificate in PEM`,
    );
  }
  if (tls.client === null) return;
  const { certFile, keyFile } = tls.client;
  const cert = readText(certFile, 'KAFKA_TLS_CERT_FILE');
  const key = readText(keyFile, 'KAFKA_TLS_KEY_FILE');
  checkPem(
    () => createSecureContext({ cert, key }),
    `KAFKA_TLS_CERT_FILE (${certFile}) and KAFKA_TLS_KEY_FILE (${keyFile}) are not a certificate and its key in PEM`,
  );
}

function checkPem(parse: () => unknown, problem: string): void {
  try {
    parse();
  } catch (error) {
    throw new StartupError(`${problem}: ${(error as Error).message}`, { cause: error });
  }
}

function saslFrom(env: KafkaSecurityEnvironment): KafkaSecurity['sasl'] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username } = env;
  const login = ['KAFKA_USERNAME', 'KAFKA_PASSWORD', 'KAFKA_PASSWORD_FILE'] as const;
  if (mechanism === undefined) {
    const named = login.find((variable) => env[variable] !== undefined);
    if (named === undefined) return null;
    throw new StartupError(
      `${named} is set, but KAFKA_SASL_MECHANISM is not: set it, for example to scram-sha-512, or remove ${named}`,
    );
  }
  if (username === undefined) {
    throw new StartupError(
      'KAFKA_USERNAME is not set: KAFKA_SASL_MECHANISM needs it and KAFKA_PASSWORD or KAFKA_PASSWORD_FILE',
    );
  }
  return { mechanism, username, password: passwordFrom(env) };
}

function passwordFrom(env: KafkaSecurityEnvironment): string {
  const { KAFKA_PASSWORD: password, KAFKA_PASSWORD_FILE: file } = env;
  if (password !== undefined && file !== undefined) {
    throw new StartupError('KAFKA_PASSWORD and KAFKA_PASSWORD_FILE are both set: remove one');
  }
  if (password !== undefined) return password;
  if (file === undefined) {
    throw new StartupError(
      'no password for KAFKA_USERNAME: set KAFKA_PASSWORD_FILE to a file with it, or KAFKA_PASSWORD',
    );
  }
  const text = readText(file, 'KAFKA_PASSWORD_FILE').replace(/\r?\n$/, '');
  if (text === '') throw new StartupError(`the file of KAFKA_PASSWORD_FILE is empty: ${file}`);
  return text;
}

/** Warns if messages, and with SASL the login, cross a network in plain text. */
export function warnIfPlain(brokers: readonly string[], { tls, sasl }: KafkaSecurity, log: BusLog): void {
  const beyond = brokers.filter((broker) => !isLoopback(broker.slice(0, broker.lastIndexOf(':'))));
  if (tls !== null || beyond.length === 0) return;
  const what = sasl === null ? 'frames and detections' : 'the login, frames and detections';
  log.warn({ brokers: beyond }, `Kafka without TLS: ${what} can be read on the network; set KAFKA_TLS=on`);
}

/** Reads the files at each connection, so that renewed ones are used. A file that cannot be read fails the connection. */
export function tlsSocketFactory({ caFile, client }: KafkaTls): ISocketFactory {
  return ({ host, port, onConnect }) => {
    const socket = connect(
      {
        ...{ host, port },
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(caFile === null ? {} : { ca: readFileSync(caFile) }),
        ...(client === null
          ? {}
          : { cert: readFileSync(client.certFile), key: readFileSync(client.keyFile) }),
      },
      onConnect,
    );
    socket.setKeepAlive(true, keepAliveDelayMs);
    return socket;
  };
}

function readText(file: string, variable: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartupError(`the file of ${variable} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
