import type { Topic, TopicHeaders } from './topic.ts';

/** Why a message was moved to the dead-letter topic: header `error-kind` and label of the metric. */
export type DeadLetterReason = 'undecodable' | 'rejected' | 'retries-exhausted';

/** A message that could not be parsed or handled: the original body, and its headers with the error added. */
export type DeadLetter = { body: Uint8Array; headers: TopicHeaders };

/** Larger bodies are truncated. */
export const deadLetterMaxBytes = 4 * 1024 * 1024;

/** Key and headers of the original message, plus the `error-…` headers of {@link deadLetterOf}. Kept for a week. */
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

/** Builds the dead letter of a message. Added headers start with `error-`. */
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
