import { describe, expect, it } from '@jest/globals';
import { createLineSplitter } from './line-splitter.ts';

describe('createLineSplitter', () => {
  it('returns whole lines for any chunk boundaries', () => {
    const bytes = Buffer.from('{"a":"ä"}\n\n{"b":1}\nrest');
    for (let size = 1; size <= bytes.length; size += 1) {
      const lines: string[] = [];
      const split = createLineSplitter(100, (line) => lines.push(line));
      for (let at = 0; at < bytes.length; at += size) split(bytes.subarray(at, at + size));
      expect(lines).toEqual(['{"a":"ä"}', '{"b":1}']);
    }
  });

  it('rejects a line without an end', () => {
    const split = createLineSplitter(10, () => undefined);
    split(Buffer.from('12345'));
    expect(() => split(Buffer.from('678901'))).toThrow('a line is longer than 10 bytes');
  });
});
