import { describe, expect, it } from '@jest/globals';
import { zooRows } from './camera-zoo.ts';

describe('the zoo', () => {
  it('has 80 rows at least, with different names and a public report each', () => {
    expect(new Set(zooRows.map(({ name }) => name)).size).toBe(zooRows.length);
    expect(zooRows.length).toBeGreaterThanOrEqual(80);
    for (const { seenAt } of zooRows) {
      expect(seenAt.join(' ')).toMatch(/^[\w.-]+\/[\w.-]+#\d+( [\w.-]+\/[\w.-]+#\d+)*$/);
    }
  });
});
