import { deadLetterOf, deadLetterTopic } from '@camplane/contracts/dead-letter';
import type { DeadLetterReason } from '@camplane/contracts/dead-letter';
import type { Parsed, Topic } from '@camplane/contracts/topic';
import { asError } from '@camplane/runtime/as-error';
import { messageOf } from '@camplane/runtime/message-of';
import { attempt } from '../attempts.ts';
import { deadLetterLogMessage } from '../dead-letter-log.ts';
import { BusError } from '../event-bus.ts';
import type { BusEvent, BusHandler, BusLog } from '../event-bus.ts';
import type { KafkaRecord } from './consumption.ts';
import type { Publisher } from './publisher.ts';

export type DeliverOptions<T> = {
  topic: Topic<T>;
  group: string;
  handler: BusHandler<T>;
  retryDelaysMs: readonly number[];
  log: BusLog;
  onEvent: (event: BusEvent, reason?: DeadLetterReason) => void;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  publisher: Pick<Publisher, 'send'>;
  now: () => number;
};

type Fault = { reason: DeadLetterReason; error: unknown; attempts: number };

const deadLetterRetryMs = 500;

/**
 * Handles one message, with retries, or sends it to the dead-letter topic. Returns false if the subscription closed
 * first: the message will be redelivered. Never throws.
 */
export async function deliverRecord<T>(
  options: DeliverOptions<T>,
  record: KafkaRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const { topic, handler, onEvent, retryDelaysMs, sleep } = options;
  const { body, headers, key, publishedAt } = record;
  // A tombstone of a compacted topic has no value to deliver.
  if (body === null && topic.compacted) return true;
  const decoded = decode(topic, body ?? new Uint8Array(), headers);
  if (!decoded.ok) {
    return sendToDeadLetter(
      options,
      record,
      { reason: 'undecodable', error: decoded.message, attempts: 0 },
      signal,
    );
  }
  let value: T | undefined = decoded.value;
  const call = () => {
    const own = value ?? decodeAgain();
    // A handler may modify its value, so each attempt decodes its own.
    value = undefined;
    return handler({ key, value: own, headers: { ...headers }, publishedAt });
  };
  const decodeAgain = (): T => {
    const parsed = topic.decode(body ?? new Uint8Array(), headers);
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.value;
  };
  const onRetry = () => onEvent('retried');
  const outcome = await attempt(call, { retryDelaysMs, signal, sleep, onRetry });
  if (outcome.kind === 'abandoned') return false;
  if (outcome.kind === 'failed') return sendToDeadLetter(options, record, outcome.fault, signal);
  onEvent('delivered');
  return true;
}

function decode<T>(topic: Topic<T>, body: Uint8Array, headers: Readonly<Record<string, string>>): Parsed<T> {
  try {
    return topic.decode(body, headers);
  } catch (error) {
    return { ok: false, message: messageOf(error) };
  }
}

async function sendToDeadLetter<T>(
  options: DeliverOptions<T>,
  record: KafkaRecord,
  { reason, error, attempts }: Fault,
  signal: AbortSignal,
): Promise<boolean> {
  const { topic, group, log, onEvent, now } = options;
  const { key, partition, offset } = record;
  onEvent('failed');
  const err = asError(error);
  log.error(
    { topic: topic.name, group, key, partition, offset, reason, attempts, err },
    deadLetterLogMessage(topic.name),
  );
  if (topic.name === deadLetterTopic.name) return true;
  const about = { topic: topic.name, group, reason, message: messageOf(error), attempts, at: now() };
  const whole = deadLetterOf({ body: record.body ?? new Uint8Array(), headers: record.headers }, about);
  const bare = deadLetterOf({ body: new Uint8Array(), headers: {} }, about);
  for (let letter = whole; ;) {
    try {
      await options.publisher.send(deadLetterTopic, { key, ...letter, publishedAt: now() });
      onEvent('dead-lettered', reason);
      return true;
    } catch (failure) {
      if (signal.aborted || (failure instanceof BusError && failure.kind === 'closed')) return false;
      if (failure instanceof BusError && failure.kind === 'too-large') {
        // Publishers may set headers of any size: keep the reason without body and headers.
        if (letter === bare) return true;
        letter = bare;
        continue;
      }
      // The offset is not committed until the dead letter is published.
      await options.sleep(deadLetterRetryMs, signal).catch(() => undefined);
    }
  }
}
