import { describe, expect, it } from '@jest/globals';
import { createHealth } from './health.ts';

describe('health', () => {
  it('reports advisory checks without requiring them', () => {
    const health = createHealth();
    health.add({ name: 'bus', advisory: true, check: () => ({ ok: false, reason: 'unreachable' }) });
    const remove = health.add({ name: 'store', check: () => ({ ok: false, reason: 'opening' }) });
    expect(health.readiness().ready).toBe(false);
    remove();
    expect(health.readiness()).toEqual({
      ready: true,
      checks: [{ name: 'bus', ok: false, reason: 'unreachable', advisory: true }],
    });
  });
});
