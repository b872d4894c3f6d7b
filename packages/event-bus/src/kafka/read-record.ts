import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { KafkaRecord } from './consumption.ts';

/** A message of kafkajs, its bytes copied: kafkajs gives views into all that one answer of the broker held. */
export function readRecord(partition: number, message: KafkaMessage): KafkaRecord {
  return {
    partition,
    offset: Number(message.offset),
    key: message.key?.toString('utf8') ?? '',
    body: message.value === null ? null : new Uint8Array(message.value),
    headers: readHeaders(message.headers ?? {}),
    publishedAt: Number(message.timestamp),
  };
}

/** As text. Of a header that stands there several times, the last. */
function readHeaders(headers: IHeaders): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) texts[name] = last.toString();
  }
  return texts;
}
