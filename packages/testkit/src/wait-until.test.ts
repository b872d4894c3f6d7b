import { describe, expect, it } from '@jest/globals';
import { waitUntil } from './wait-until.ts';

describe('waitUntil', () => {
  it('resolves with the accepted value', async () => {
    let looks = 0;
    expect(
      await waitUntil(
        () => (looks += 1),
        (seen) => seen === 3,
        { what: 'three', intervalMs: 1 },
      ),
    ).toBe(3);
  });

  it('shows the last value at the deadline', async () => {
    const waiting = waitUntil(
      () => ({ state: 'cold' }),
      () => false,
      { what: 'warm', timeoutMs: 5, intervalMs: 1 },
    );
    await expect(waiting).rejects.toThrow("warm: not within 5 ms; last seen: { state: 'cold' }");
  });

  it('continues after an error and keeps the last one as the cause', async () => {
    const broken = new Error('broken');
    const waiting = waitUntil(
      () => Promise.reject(broken),
      () => true,
      { what: 'whole', timeoutMs: 5, intervalMs: 1 },
    );
    await expect(waiting).rejects.toMatchObject({ cause: broken });
  });
});
