import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { writeTestCertificate } from '@camplane/testkit/test-certificate';
import { defaultBusEnvironment } from '../bus-variables.ts';
import type { BusEnvironment } from '../bus-variables.ts';
import { describeConnectionFailure } from './connection-failure.ts';
import { kafkaSecurity, warnIfPlain } from './kafka-security.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await createTemporaryFolder();
});
afterAll(() => folder.remove());

const parse = (env: Partial<BusEnvironment>) => kafkaSecurity({ ...defaultBusEnvironment, ...env });
const login = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_USERNAME: 'camplane' } as const;

describe('the security settings of Kafka', () => {
  it('are plain text without a login by default', () => {
    expect(parse({})).toEqual({ tls: null, sasl: null });
  });

  it('read the certificates and the password file, without its last line break', () => {
    const { certFile, keyFile } = writeTestCertificate(folder.path);
    const passwordFile = join(folder.path, 'password');
    writeFileSync(passwordFile, 'sesame \n');
    const files = { KAFKA_TLS_CA_FILE: certFile, KAFKA_TLS_CERT_FILE: certFile, KAFKA_TLS_KEY_FILE: keyFile };
    expect(parse({ KAFKA_TLS: true, ...files, ...login, KAFKA_PASSWORD_FILE: passwordFile })).toEqual({
      tls: { caFile: certFile, client: { certFile, keyFile } },
      sasl: { mechanism: 'scram-sha-512', username: 'camplane', password: 'sesame ' },
    });
  });

  it.each<[string, Partial<BusEnvironment>, RegExp]>([
    [
      'a file without TLS',
      { KAFKA_TLS_CA_FILE: 'x' },
      /^KAFKA_TLS_CA_FILE is set, but KAFKA_TLS is off: set/,
    ],
    [
      'a certificate without a key',
      { KAFKA_TLS: true, KAFKA_TLS_CERT_FILE: 'x' },
      /^KAFKA_TLS_KEY_FILE is not set/,
    ],
    [
      'an absent file',
      { KAFKA_TLS: true, KAFKA_TLS_CA_FILE: '/absent' },
      /KAFKA_TLS_CA_FILE cannot be read: ENOENT/,
    ],
    [
      'a user without a mechanism',
      { KAFKA_USERNAME: 'a' },
      /^KAFKA_USERNAME is set, but KAFKA_SASL_MECHANISM/,
    ],
    ['a mechanism without a user', { KAFKA_SASL_MECHANISM: 'plain' }, /^KAFKA_USERNAME is not set/],
    ['a user without a password', login, /set KAFKA_PASSWORD_FILE/],
    [
      'an absent password file',
      { ...login, KAFKA_PASSWORD_FILE: '/absent' },
      /KAFKA_PASSWORD_FILE cannot be read/,
    ],
    ['two passwords', { ...login, KAFKA_PASSWORD: 'a', KAFKA_PASSWORD_FILE: 'b' }, /both set: remove one/],
  ])('refuse %s, naming the variable and the remedy', (_, env, message) => {
    expect(() => parse(env)).toThrow(message);
  });

  it('refuse a file that is not a certificate', () => {
    const file = join(folder.path, 'no-certificate');
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(() => parse({ KAFKA_TLS: true, KAFKA_TLS_CA_FILE: file })).toThrow(/KAFKA_TLS_CA_FILE .*no valid/);
  });

  it('are a warning beyond loopback without TLS, which does not have the password', () => {
    const warnings: string[] = [];
    const warn = (fields: object, message: string) => void warnings.push(message + JSON.stringify(fields));
    const log = { warn, error: warn };
    const sasl = parse({ ...login, KAFKA_PASSWORD: 'sesame' });
    warnIfPlain(['127.0.0.1:9092', '[::1]:9092', 'localhost:9092'], sasl, log);
    warnIfPlain(['kafka:9092'], { tls: { caFile: null, client: null }, sasl: null }, log);
    expect(warnings).toEqual([]);
    warnIfPlain(['127.0.0.1:9092', 'kafka:9092'], sasl, log);
    warnIfPlain(['kafka:9092'], { tls: null, sasl: null }, log);
    expect(warnings).toEqual([
      'Kafka without TLS: the login, frames and detections can be read on the network; set KAFKA_TLS=on{"brokers":["kafka:9092"]}',
      'Kafka without TLS: frames and detections can be read on the network; set KAFKA_TLS=on{"brokers":["kafka:9092"]}',
    ]);
  });
});

describe('describeConnectionFailure', () => {
  it('names the remedy of an error that is a cause of another', () => {
    const cause = Object.assign(new Error('expired'), { code: 'CERT_HAS_EXPIRED' });
    expect(describeConnectionFailure(new Error('no broker', { cause }))).toBe(
      "no broker; renew the broker's certificate, or check the clocks",
    );
    expect(describeConnectionFailure(new Error('refused'))).toBe('refused');
  });
});
