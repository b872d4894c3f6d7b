import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { jsonTopic } from '@camplane/contracts/topic';
import { freePorts } from '@camplane/testkit/free-port';
import { startKafka } from '@camplane/testkit/kafka';
import type { TestKafka } from '@camplane/testkit/kafka';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { createTestAuthority } from '@camplane/testkit/test-authority';
import type { IssuedCertificate, TestAuthority } from '@camplane/testkit/test-authority';
import { waitUntil } from '@camplane/testkit/wait-until';
import { z } from 'zod';
import { defaultBusEnvironment } from '../bus-variables.ts';
import type { BusEnvironment } from '../bus-variables.ts';
import { openBus } from '../open-bus.ts';
import type { OpenedBus } from '../open-bus.ts';

jest.setTimeout(60_000);

/** Listeners of one broker, each with its own certificate. */
const listeners = ['LOGIN', 'MUTUAL', 'OTHERHOST', 'EXPIRED'] as const;
type Listener = (typeof listeners)[number];

const password = 'sesame-4711';
const numbers = jsonTopic({ name: 'secured.numbers', schema: z.number(), compacted: false });
let folder: TemporaryFolder;
let authority: TestAuthority;
let ports: Record<Listener, number>;
let kafka: TestKafka;
const buses: OpenedBus[] = [];

beforeAll(async () => {
  folder = await createTemporaryFolder();
  authority = createTestAuthority(folder.path);
  const [login = 0, mutual = 0, otherHost = 0, expired = 0, plain = 0, controller = 0] = await freePorts(6);
  ports = { LOGIN: login, MUTUAL: mutual, OTHERHOST: otherHost, EXPIRED: expired };
  kafka = await startKafka({
    port: plain,
    settings: brokerSettings(plain, controller),
    scramUsers: { alice: password },
  });
}, 120_000);
afterAll(async () => {
  await kafka?.stop();
  await folder?.remove();
});
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
});

/** The plain listener is for the broker itself, and for `startKafka`. */
function brokerSettings(plain: number, controller: number): Record<string, string> {
  const keystore = ({ cert, key }: IssuedCertificate, name: string) => {
    const file = join(folder.path, `${name}.pem`);
    writeFileSync(file, key + cert);
    return file;
  };
  const certificates: Record<Listener, IssuedCertificate> = {
    LOGIN: authority.issue('broker'),
    MUTUAL: authority.issue('broker'),
    OTHERHOST: authority.issue('broker', { hosts: ['DNS:elsewhere.example'] }),
    EXPIRED: authority.issue('broker', { expired: true }),
  };
  const addresses = listeners.map((name) => `${name}://127.0.0.1:${ports[name]}`).join(',');
  const login = 'listener.name.login';
  return {
    listeners: `PLAINTEXT://127.0.0.1:${plain},CONTROLLER://127.0.0.1:${controller},${addresses}`,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${plain},${addresses}`,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,LOGIN:SASL_SSL,MUTUAL:SSL,OTHERHOST:SSL,EXPIRED:SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    [`${login}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    [`${login}.plain.sasl.jaas.config`]: `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${password}";`,
    ...Object.fromEntries(
      ['scram-sha-256', 'scram-sha-512'].map((mechanism) => [
        `${login}.${mechanism}.sasl.jaas.config`,
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      ]),
    ),
    'listener.name.mutual.ssl.client.auth': 'required',
    ...Object.fromEntries(
      listeners.flatMap((name) => {
        const prefix = `listener.name.${name.toLowerCase()}.ssl`;
        return [
          [`${prefix}.keystore.type`, 'PEM'],
          [`${prefix}.keystore.location`, keystore(certificates[name], name)],
          [`${prefix}.truststore.type`, 'PEM'],
          [`${prefix}.truststore.location`, authority.caFile],
        ];
      }),
    ),
  };
}

/** Opens a bus that trusts the authority. */
function open(listener: Listener, env: Partial<BusEnvironment>, host = '127.0.0.1') {
  const logged: string[] = [];
  const record = (fields: object, message: string) => void logged.push(message + JSON.stringify(fields));
  const bus = openBus({
    env: {
      ...defaultBusEnvironment,
      ...{
        KAFKA_BROKERS: [`${host}:${ports[listener]}`],
        KAFKA_TLS: true,
        KAFKA_TLS_CA_FILE: authority.caFile,
      },
      ...env,
    },
    clientId: 'test',
    log: { warn: record, error: record },
    metrics: { counter: () => ({ inc: () => undefined }), gauge: () => ({ set: () => undefined }) },
  });
  buses.push(bus);
  return { bus, logged };
}

const login = {
  KAFKA_SASL_MECHANISM: 'scram-sha-256',
  KAFKA_USERNAME: 'alice',
  KAFKA_PASSWORD: password,
} as const;

/** Publishes, which must fail, and returns what a readiness check then says. */
async function refusal({ bus, logged }: ReturnType<typeof open>): Promise<string> {
  let accepted = false;
  bus.publish(numbers, 'k', 1).then(
    () => (accepted = true),
    () => undefined,
  );
  await waitUntil(
    () => accepted || logged.length > 0,
    (isOver) => isOver,
    { what: 'the broker or the client refuses', timeoutMs: 20_000 },
  );
  expect(accepted).toBe(false);
  expect(logged.join('\n')).toMatch(/^Kafka unreachable, will retry/);
  expect(logged.join('\n')).not.toContain(password);
  const health = bus.health();
  return health.ok ? 'no refusal' : health.reason;
}

describe('a broker with TLS and SASL', () => {
  it.each(['scram-sha-512', 'scram-sha-256', 'plain'] as const)(
    'receives and delivers messages after a login with %s',
    async (mechanism) => {
      const { bus, logged } = open('LOGIN', { ...login, KAFKA_SASL_MECHANISM: mechanism });
      const seen: number[] = [];
      await bus.subscribe(numbers, { group: `of-${mechanism}` }, ({ value }) => void seen.push(value));
      await bus.publish(numbers, 'k', 7);
      await waitUntil(
        () => seen,
        (values) => values.includes(7),
        { what: 'the message', timeoutMs: 30_000 },
      );
      expect(bus.health()).toEqual({ ok: true });
      expect(logged.join('\n')).not.toContain('unreachable');
    },
  );

  it.each<[string, Partial<BusEnvironment>, RegExp]>([
    [
      'a wrong password',
      { ...login, KAFKA_PASSWORD: 'wrong' },
      /check KAFKA_SASL_MECHANISM, KAFKA_USERNAME and/,
    ],
    [
      'an unknown user',
      { ...login, KAFKA_USERNAME: 'bob' },
      /check KAFKA_SASL_MECHANISM, KAFKA_USERNAME and/,
    ],
    [
      'an authority that is not trusted',
      { ...login, KAFKA_TLS_CA_FILE: undefined },
      /KAFKA_TLS_CA_FILE must have/,
    ],
  ])('is not used with %s', async (_, env, reason) => {
    expect(await refusal(open('LOGIN', env))).toMatch(reason);
  });

  it('is not used by a client without TLS', async () => {
    const plain = { ...login, KAFKA_TLS: false, KAFKA_TLS_CA_FILE: undefined };
    expect(await refusal(open('LOGIN', plain))).toMatch(/no Kafka broker responds/);
  });
});

describe('the certificate of a broker', () => {
  it.each<[string, Listener, RegExp]>([
    ['for another host', 'OTHERHOST', /use a name of the broker's certificate in KAFKA_BROKERS/],
    ['that expired', 'EXPIRED', /renew the broker's certificate/],
  ])('%s is refused', async (_, listener, reason) => {
    expect(await refusal(open(listener, {}))).toMatch(reason);
  });
});

describe('a broker that requires a client certificate', () => {
  it('refuses a client without one, and one of another authority', async () => {
    expect(await refusal(open('MUTUAL', {}))).toMatch(/set KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE/);
    const foreign = createTestAuthority(folder.path, 'foreign').issue('client');
    const files = { KAFKA_TLS_CERT_FILE: foreign.certFile, KAFKA_TLS_KEY_FILE: foreign.keyFile };
    expect(await refusal(open('MUTUAL', files))).toMatch(/no Kafka broker responds/);
  });

  it('admits one, and a renewed file is used without a restart', async () => {
    const valid = authority.issue('client');
    const expired = authority.issue('client', { expired: true });
    const [certFile, keyFile] = [join(folder.path, 'client.crt'), join(folder.path, 'client.key')];
    const use = (certificate: IssuedCertificate) => {
      copyFileSync(certificate.certFile, certFile);
      copyFileSync(certificate.keyFile, keyFile);
    };
    use(expired);
    const opened = open('MUTUAL', { KAFKA_TLS_CERT_FILE: certFile, KAFKA_TLS_KEY_FILE: keyFile });
    expect(await refusal(opened)).toMatch(/no Kafka broker responds/);
    use(valid);
    await waitUntil(
      () => opened.bus.publish(numbers, 'k', 1).then(() => 'accepted', String),
      (outcome) => outcome === 'accepted',
      { what: 'a message is accepted with the renewed certificate', timeoutMs: 20_000 },
    );
  });
});
