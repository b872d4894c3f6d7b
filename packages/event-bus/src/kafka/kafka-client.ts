import { Kafka, logLevel } from 'kafkajs';
import type { BusLog } from '../event-bus.ts';
import { noSecurity, tlsSocketFactory } from './kafka-security.ts';
import type { KafkaSecurity } from './kafka-security.ts';
import { withoutNegativeTimeouts } from './negative-timeouts.ts';

export type KafkaClientOptions = {
  brokers: readonly string[];
  clientId: string;
  log: BusLog;
  /** Plain text without a login if not set. */
  security?: KafkaSecurity;
};

const connectionTimeoutMs = 2_000;
const requestTimeoutMs = 10_000;

/** Retries of one request within kafkajs. Callers handle longer outages. */
export const requestRetry = { initialRetryTime: 100, multiplier: 2, maxRetryTime: 500, retries: 3 };

/**
 * kafkajs logs every connection attempt with a stack, so it is silenced; the adapter logs what operators need.
 * `KAFKAJS_LOG_LEVEL=debug` enables its log.
 */
export function createKafkaClient(options: KafkaClientOptions): Kafka {
  const { brokers, clientId, log, security = noSecurity } = options;
  withoutNegativeTimeouts();
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    ...(security.tls === null ? {} : { socketFactory: tlsSocketFactory(security.tls) }),
    ...(security.sasl === null ? {} : { sasl: security.sasl }),
    logLevel: logLevel.NOTHING,
    logCreator: () => (entry) => {
      const { message, ...rest } = entry.log;
      log.warn({ kafkajs: entry.namespace, level: entry.label, ...rest }, message);
    },
    // The subscription restarts a crashed consumer; kafkajs does so only for some errors.
    retry: { ...requestRetry, restartOnFailure: () => Promise.resolve(false) },
  });
}

const connectionErrors = [
  // Before a login, a broker answers nothing else.
  'KafkaJSSASLAuthenticationError',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSBrokerNotFound',
  'KafkaJSGroupCoordinatorNotFound',
];

/** Whether an error, or one of its causes, means that no broker was reached, or that it refused the login. */
export function isConnectionError(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (connectionErrors.includes(cause.name)) return true;
  }
  return false;
}

/** The broker's error code (Kafka protocol guide, "Error Codes"). */
export function refusalOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('type' in cause && typeof cause.type === 'string') return cause.type;
  }
  return undefined;
}
