import { deadLetterOf, deadLetterTopic } from '@camplane/contracts/dead-letter';
import type { DeadLetterReason } from '@camplane/contracts/dead-letter';
import type { Parsed, Topic } from '@camplane/contracts/topic';
import { asError } from '@camplane/runtime/as-error';
import { messageOf } from '@camplane/runtime/message-of';
import { attempt } from '../attempts.ts';
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

const buryPauseMs = 500;

/**
 * Sees one message to its end: handled, or given up and kept as a dead letter. False where the subscription closed
 * before that: it will be delivered again. Never throws.
 */
export async function deliverRecord<T>(
  options: DeliverOptions<T>,
  record: KafkaRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const { topic, handler, onEvent, retryDelaysMs, sleep } = options;
  const { body, headers, key, publishedAt } = record;
  // A tombstone says that nothing is kept of its key any more; there is no value to hand on.
  if (body === null && topic.compacted) return true;
  const decoded = decode(topic, body ?? new Uint8Array(), headers);
  if (!decoded.ok) {
    return giveUp(options, record, { reason: 'undecodable', error: decoded.message, attempts: 0 }, signal);
  }
  let value: T | undefined = decoded.value;
  const call = () => {
    const given = value ?? again();
    // A handler may have changed what it was given: another attempt gets a value of its own.
    value = undefined;
    return handler({ key, value: given, headers: { ...headers }, publishedAt });
  };
  const again = (): T => {
    const parsed = topic.decode(body ?? new Uint8Array(), headers);
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.value;
  };
  const onRetry = () => onEvent('retried');
  const outcome = await attempt(call, { retryDelaysMs, signal, sleep, onRetry });
  if (outcome.kind === 'abandoned') return false;
  if (outcome.kind === 'given-up') return giveUp(options, record, outcome.fault, signal);
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

async function giveUp<T>(
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
    'a message was given up',
  );
  // A dead letter that cannot be handled has been logged, and that is all: letters of letters would never end.
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
        // Headers of any size come from anyone. What went wrong is told all the same.
        if (letter === bare) return true;
        letter = bare;
        continue;
      }
      // Until it is kept, the message is not done: its offset stays where it is.
      await options.sleep(buryPauseMs, signal).catch(() => undefined);
    }
  }
}
