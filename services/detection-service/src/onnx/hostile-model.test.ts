import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { labelFileMaxBytes, parseLabels } from './label-file.ts';
import { ModelError } from './model-error.ts';
import { inputSizeOf, outputLayoutOf } from './model-shape.ts';

const limits = { interruptAfterTimeLimit: 1000, numRuns: 2000 };

/** The result; null for a refusal with a reason. Other errors fail the test. */
function orRefusal<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ModelError) || error.message === '') throw error;
    return null;
  }
}

const size = fc.oneof(
  fc.constantFrom(0, 1, 3, 4, 5, 16, 84, 85, 640, 4096, 4097, -1, 2 ** 31, Number.MAX_SAFE_INTEGER, 0.5, NaN),
  fc.nat(10_000),
);

describe('a hostile model', () => {
  it('has an input of a bounded size, or is refused', () => {
    const shape = fc.array(fc.oneof(size, fc.string({ maxLength: 5 })), { maxLength: 6 });
    const input = fc.record(
      { name: fc.string(), type: fc.constantFrom('float32', 'float16', 'string', ''), shape },
      { requiredKeys: ['name'] },
    );
    fc.assert(
      fc.property(fc.array(input, { maxLength: 3 }), (inputs) => {
        const found = orRefusal(() => inputSizeOf(inputs));
        if (found) expect(Object.values(found).every((pixels) => pixels >= 16 && pixels <= 4096)).toBe(true);
      }),
      limits,
    );
  });

  it('has an output for the labels, or is refused', () => {
    const labels = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(
        fc.constantFrom('float32', 'int64'),
        fc.array(size, { maxLength: 5 }),
        labels,
        (type, dims, count) => {
          const layout = orRefusal(() => outputLayoutOf(type, dims, count));
          if (!layout) return;
          expect(layout.classes).toBe(count);
          expect(dims).toContain(layout.anchors);
        },
      ),
      limits,
    );
  });

  it('has labels in bounds, or its label file is refused', () => {
    const piece = fc.oneof(
      fc
        .constantFrom(
          'person',
          'car',
          '\n',
          '\r\n',
          '',
          '- ',
          '{',
          'names: ',
          '\u0000',
          '\ufeff',
          'x'.repeat(65),
        )
        .map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const labels = orRefusal(() => parseLabels(Buffer.concat(pieces), 'labels.txt'));
        if (!labels) return;
        expect(new Set(labels).size).toBe(labels.length);
        expect(labels.every((label) => label.length > 0 && label.length <= 64)).toBe(true);
      }),
      limits,
    );
    for (const unit of ['a\n', '\n', '\r', ' ', '\u00ff']) {
      const bytes = Buffer.from(unit.repeat(labelFileMaxBytes), 'latin1').subarray(0, labelFileMaxBytes);
      expect(orRefusal(() => parseLabels(bytes, 'labels.txt'))).toBeNull();
    }
  });
});
