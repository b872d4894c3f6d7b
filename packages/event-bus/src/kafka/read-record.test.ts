import { deadLetterTopic } from '@camplane/contracts/dead-letter';
import { framesTopic } from '@camplane/contracts/frame';
import { cameraStatusTopic, detectionsTopic } from '@camplane/contracts/topics';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Batch as KafkaBatch, IHeaders } from 'kafkajs';
import { readBatch } from './read-record.ts';

const limits = { interruptAfterTimeLimit: 1000, numRuns: 1000 };

function read(message: { key: Buffer | null; value: Buffer | null; headers: unknown }) {
  const batch = {
    partition: 0,
    highWatermark: '2',
    lastOffset: () => '1',
    messages: [{ offset: '1', timestamp: '1700000000000', attributes: 0, ...message }],
  };
  const [record] = readBatch(batch as unknown as KafkaBatch).records;
  if (!record) throw new Error('no record');
  return record;
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each));
const words = ['captured-at', 'sequence', 'width', 'height', 'detection', '__proto__', 'constructor', ''];
/** kafkajs returns null for a header without a value (`readVarIntBytes`), and an array for a repeated one. */
const value = fc.oneof(
  bytes,
  fc.constantFrom(null, undefined),
  fc.constantFrom('1', '-1', '1e9', '{}').map((text) => Buffer.from(text)),
);
const headers = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 })),
      fc.oneof(value, fc.array(value, { maxLength: 3 })),
    ),
    { maxLength: 8 },
  )
  .map((entries) => Object.fromEntries(entries) as unknown as IHeaders);

describe('a message of a foreign publisher', () => {
  it('is read with any headers, as text', () => {
    fc.assert(
      fc.property(fc.option(bytes), fc.option(bytes), headers, (key, body, given) => {
        const record = read({ key, value: body, headers: given });
        expect(Object.values(record.headers).every((text) => typeof text === 'string')).toBe(true);
        expect(Object.getPrototypeOf(record.headers)).toBe(Object.prototype);
      }),
      limits,
    );
  });

  it('leaves out a header without a value, and uses the last of a repeated one', () => {
    const given = { none: null, twice: [Buffer.from('a'), Buffer.from('b')], empty: [] };
    expect(read({ key: null, value: null, headers: given }).headers).toEqual({ twice: 'b' });
  });

  it('is decoded or refused with a reason by each topic', () => {
    const jsonLike = fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text));
    const topics = [framesTopic, cameraStatusTopic, detectionsTopic, deadLetterTopic];
    fc.assert(
      fc.property(fc.constantFrom(...topics), fc.oneof(bytes, jsonLike), headers, (topic, body, given) => {
        const record = read({ key: null, value: body, headers: given });
        const decoded = topic.decode(record.body ?? new Uint8Array(), record.headers);
        if (!decoded.ok) expect(decoded.message.length).toBeGreaterThan(0);
      }),
      limits,
    );
  });
});
