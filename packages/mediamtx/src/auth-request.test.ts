import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideAccess } from './auth-hook.ts';
import { authRequestSchema } from './auth-request.ts';
import { createEdgeGate } from './reader-gate.ts';

const limits = { interruptAfterTimeLimit: 1500, numRuns: 2000 };

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    '',
    'camplane',
    'secret',
    'front-door',
    'rtsp',
    '127.0.0.1',
    '::ffff:127.0.0.1',
    '../front-door',
  ),
  fc.constantFrom(
    'front-door\u0000',
    'FRONT-DOOR',
    'front-door/',
    '%66ront-door',
    'front-door/../x',
    'x'.repeat(9000),
  ),
);
const anything = fc.oneof(
  text,
  fc.constantFrom(null, undefined, 0, true, [], {}),
  fc.anything({ maxDepth: 1 }),
);
const body = fc.record(
  {
    user: anything,
    password: anything,
    token: anything,
    ip: anything,
    action: fc.oneof(
      fc.constantFrom('read', 'publish', 'playback', 'api', 'metrics', 'READ', '__proto__'),
      anything,
    ),
    path: anything,
    protocol: anything,
    id: anything,
    query: anything,
    userAgent: anything,
  },
  { requiredKeys: ['action'] },
);

const rules = {
  isKnownPath: (path: string) => path === 'front-door',
  apiCredentials: null,
  passes: { accepts: () => false },
  gate: createEdgeGate('a password that no body contains'),
};

describe('the body of a request of MediaMTX', () => {
  it('is refused by the schema or by the rules, with a reason', () => {
    const valid = fc.record({
      ...{ user: text, password: text, token: text, ip: text, path: text, protocol: text, query: text },
      action: fc.constantFrom('read', 'publish', 'playback', 'api', 'metrics'),
      id: fc.option(text),
    });
    fc.assert(
      fc.property(fc.oneof(body, valid, fc.anything()), (each) => {
        const parsed = authRequestSchema.safeParse(each);
        if (!parsed.success) return;
        const decision = decideAccess(parsed.data, rules);
        expect(decision).toEqual({ allow: false, reason: expect.stringMatching(/./) });
      }),
      limits,
    );
  });
});
