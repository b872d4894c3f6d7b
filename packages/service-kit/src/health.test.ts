import { describe, expect, it } from '@jest/globals';
import { createHealth } from './health.ts';

describe('health', () => {
  it('is ready when all that is required is, and shows what is advisory beside it', () => {
    const health = createHealth();
    health.add({ name: 'bus', advisory: true, check: () => ({ ok: false, reason: 'away' }) });
    const remove = health.add({ name: 'store', check: () => ({ ok: false, reason: 'opening' }) });
    expect(health.readiness().ready).toBe(false);
    remove();
    expect(health.readiness()).toEqual({
      ready: true,
      checks: [{ name: 'bus', ok: false, reason: 'away', advisory: true }],
    });
  });
});
