import type { Topic, TopicHeaders } from './topic.ts';

/** Why a message is dead: the header `error-kind`, and the label of its metric. */
export type DeadLetterReason = 'undecodable' | 'rejected' | 'retries-exhausted';

/** A message that could not be parsed or handled: its body and headers as they came, and why. */
export type DeadLetter = { body: Uint8Array; headers: TopicHeaders };

/** Body kept of a message too large to be a fault of ours. */
export const deadLetterMaxBytes = 4 * 1024 * 1024;

/** Key: as original. Headers: as original, and `error-…` of {@link deadLetterOf}. Kept a week. */
export const deadLetterTopic: Topic<DeadLetter> = {
  name: 'camplane.dead-letter',
  compacted: false,
  retentionMs: 7 * 24 * 3600_000,
  maxBytes: deadLetterMaxBytes,
  parse: (value) => ({ ok: true, value: value as DeadLetter }),
  encode: (letter) => letter,
  decode: (body, headers) => ({ ok: true, value: { body, headers } }),
  copy: (letter) => letter,
};

const messageMax = 512;

/** The letter of a message: original headers keep their names, ours begin with `error-`. */
export function deadLetterOf(
  message: { body: Uint8Array; headers: TopicHeaders },
  error: {
    topic: string;
    group: string;
    reason: DeadLetterReason;
    message: string;
    attempts: number;
    /** Milliseconds since 1970. */
    at: number;
  },
): DeadLetter {
  return {
    body: message.body.subarray(0, deadLetterMaxBytes),
    headers: {
      ...message.headers,
      'error-topic': error.topic,
      'error-group': error.group,
      'error-kind': error.reason,
      'error-message': error.message.slice(0, messageMax),
      'error-attempts': String(error.attempts),
      'error-at': new Date(error.at).toISOString(),
    },
  };
}
