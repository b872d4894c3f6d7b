import type { Batch as KafkaBatch, IHeaders, KafkaMessage } from 'kafkajs';
import type { Batch, KafkaRecord } from './consumption.ts';

export function readBatch(batch: KafkaBatch): Batch {
  return {
    partition: batch.partition,
    records: batch.messages.map((message) => readRecord(batch.partition, message)),
    lastOffset: Number(batch.lastOffset()),
    highWatermark: Number(batch.highWatermark),
  };
}

/** Copies the bytes: those of kafkajs are views into the broker's whole response. */
function readRecord(partition: number, message: KafkaMessage): KafkaRecord {
  return {
    partition,
    offset: Number(message.offset),
    key: message.key?.toString('utf8') ?? '',
    body: message.value === null ? null : new Uint8Array(message.value),
    headers: readHeaders(message.headers ?? {}),
    publishedAt: Number(message.timestamp),
  };
}

/** As text; the last value of a repeated header. A header may have no value, for which kafkajs returns null. */
function readHeaders(headers: IHeaders): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last: Buffer | string | null | undefined = Array.isArray(value) ? value.at(-1) : value;
    const text = last?.toString();
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}
