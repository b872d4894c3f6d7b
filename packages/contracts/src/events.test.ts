import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clientEventSchema } from './events.ts';
import { fieldsOf } from './problem.ts';

describe('clientEventSchema', () => {
  it('accepts pings and subscriptions alone, and names what it refuses', () => {
    const type = fc.constantFrom('ping', 'subscribe', 'pong', '__proto__', 'constructor', '');
    const ids = fc.array(fc.oneof(fc.constantFrom('front-door', 'A', '../a', ''), fc.string()), {
      maxLength: 4,
    });
    const near = fc.record(
      { type: fc.oneof(type, fc.anything()), cameraIds: fc.oneof(ids, fc.constant(null), fc.anything()) },
      { requiredKeys: [] },
    );
    const json = fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text) as unknown);
    fc.assert(
      fc.property(fc.oneof(near, json), (message) => {
        const parsed = clientEventSchema.safeParse(message);
        if (!parsed.success) {
          expect(fieldsOf(parsed.error).length).toBeGreaterThan(0);
          return;
        }
        if (parsed.data.type === 'ping') return;
        for (const id of parsed.data.cameraIds ?? []) expect(id).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
      }),
      { interruptAfterTimeLimit: 1500, numRuns: 2000 },
    );
  });
});
