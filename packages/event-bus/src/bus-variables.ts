import { switchValue, textValue, wordValue } from '@camplane/service-kit/environment-values';
import { z } from 'zod';

const brokerSchema = z
  .string()
  .regex(/^([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/, 'must be host:port, or several separated by commas')
  .refine((broker) => Number(broker.slice(broker.lastIndexOf(':') + 1)) <= 65_535, 'has a port above 65535');

const brokersMax = 20;

/** `host:port,host:port` as an array. */
export const brokersSchema = z
  .string()
  .transform((text) => text.split(',').map((broker) => broker.trim()))
  .pipe(z.array(brokerSchema).min(1).max(brokersMax));

export const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** How clients of Kafka are secured: read by every service with a bus, and passed on to camera pods. */
export const kafkaSecurityVariables = {
  KAFKA_TLS: {
    schema: switchValue,
    default: 'off',
    description:
      'TLS to the brokers. Their certificates must be valid for the host names in `KAFKA_BROKERS` and in their ' +
      '`advertised.listeners`.',
    example: 'on',
  },
  KAFKA_TLS_CA_FILE: {
    schema: textValue().optional(),
    description:
      "Certificate authorities of the brokers, in PEM; Node's own list if not set. Like the two files below, it is read " +
      'again at each connection, so a renewed file needs no restart.',
    example: '/etc/camplane/kafka/ca.crt',
  },
  KAFKA_TLS_CERT_FILE: {
    schema: textValue().optional(),
    description: 'Client certificate with its chain, in PEM, for brokers that require one.',
    example: '/etc/camplane/kafka/tls.crt',
  },
  KAFKA_TLS_KEY_FILE: {
    schema: textValue().optional(),
    description: 'Private key of `KAFKA_TLS_CERT_FILE`, in PEM.',
    example: '/etc/camplane/kafka/tls.key',
  },
  KAFKA_SASL_MECHANISM: {
    schema: wordValue(saslMechanisms).optional(),
    description: 'SASL mechanism of the login at the brokers. No login if not set.',
    example: 'scram-sha-512',
  },
  KAFKA_USERNAME: {
    schema: textValue(256).optional(),
    description: 'User name of the login at the brokers.',
    example: 'camplane',
  },
  KAFKA_PASSWORD: {
    schema: textValue(1024).optional(),
    description: 'Password of `KAFKA_USERNAME`.',
    secret: true,
  },
  KAFKA_PASSWORD_FILE: {
    schema: textValue().optional(),
    description: 'File with the password of `KAFKA_USERNAME`, instead of `KAFKA_PASSWORD`.',
    example: '/etc/camplane/kafka/password',
  },
};

/** For the environment of a service that opens a bus (`defineEnvironment` in service-kit). */
export const busVariables = {
  KAFKA_BROKERS: {
    schema: brokersSchema.optional(),
    description:
      'Kafka brokers as `host:port`, separated by commas. If not set, messages stay in this process.',
    example: 'kafka-0.kafka:9092,kafka-1.kafka:9092',
  },
  ...kafkaSecurityVariables,
};

type ValuesOf<V extends Record<string, { schema: z.ZodType }>> = {
  readonly [K in keyof V]: z.output<V[K]['schema']>;
};

export type KafkaSecurityEnvironment = ValuesOf<typeof kafkaSecurityVariables>;
export type BusEnvironment = ValuesOf<typeof busVariables>;

/** Nothing is set: a bus within this process. */
export const defaultBusEnvironment: BusEnvironment = {
  KAFKA_BROKERS: undefined,
  KAFKA_TLS: false,
  KAFKA_TLS_CA_FILE: undefined,
  KAFKA_TLS_CERT_FILE: undefined,
  KAFKA_TLS_KEY_FILE: undefined,
  KAFKA_SASL_MECHANISM: undefined,
  KAFKA_USERNAME: undefined,
  KAFKA_PASSWORD: undefined,
  KAFKA_PASSWORD_FILE: undefined,
};
