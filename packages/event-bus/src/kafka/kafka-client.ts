import { Kafka, logLevel } from 'kafkajs';
import type { BusLog } from '../event-bus.ts';
import { withoutNegativeTimeouts } from './negative-timeouts.ts';

export type KafkaClientOptions = { brokers: readonly string[]; clientId: string; log: BusLog };

const connectionTimeoutMs = 2_000;
const requestTimeoutMs = 10_000;

/** Attempts of one request within kafkajs. What lasts longer is up to those who call it. */
export const requestRetry = { initialRetryTime: 100, multiplier: 2, maxRetryTime: 500, retries: 3 };

/**
 * kafkajs logs each attempt of each connection, with stacks: it is silent here, and the adapter says what an operator
 * needs. `KAFKAJS_LOG_LEVEL=debug` makes it speak.
 */
export function createKafkaClient({ brokers, clientId, log }: KafkaClientOptions): Kafka {
  withoutNegativeTimeouts();
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    logLevel: logLevel.NOTHING,
    logCreator: () => (entry) => {
      const { message, ...rest } = entry.log;
      log.warn({ kafkajs: entry.namespace, level: entry.label, ...rest }, message);
    },
    // A consumer that crashed is started again by its subscription: kafkajs does so for some errors alone.
    retry: { ...requestRetry, restartOnFailure: () => Promise.resolve(false) },
  });
}

const connectionErrors = [
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSBrokerNotFound',
  'KafkaJSGroupCoordinatorNotFound',
];

/** Whether an error, or what caused it, says that no broker was reached. */
export function isConnectionError(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (connectionErrors.includes(cause.name)) return true;
  }
  return false;
}

/** The broker's word for its refusal ("error codes" of Kafka's protocol guide). */
export function refusalOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('type' in cause && typeof cause.type === 'string') return cause.type;
  }
  return undefined;
}
