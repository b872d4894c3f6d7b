import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createStreamTickets } from './stream-tickets.ts';

const secret = 'a secret of tests with 32 characters';
const ticket = {
  use: 'header',
  cameraId: 'front-door',
  userId: 'u1',
  credential: { kind: 'session', id: 's1' },
} as const;

/** Starts late enough that times before it exist. */
function setUp() {
  const clock = createSimulatedClock(1_800_000_000_000);
  return { clock, tickets: createStreamTickets(secret, clock) };
}

function claims(clock: { epochMs(): number }) {
  return {
    ...{ sid: 's1', kind: 'session', use: 'header', camera: 'front-door', sub: 'u1', jti: 'j1' },
    ...{ iss: 'camplane', aud: 'camplane-media', exp: Math.floor(clock.epochMs() / 1000) + 30 },
  };
}

describe('stream tickets', () => {
  it('say which camera may be viewed with which credential', async () => {
    const { tickets } = setUp();
    const issued = await tickets.issue(ticket);
    expect(tickets.verify(issued.ticket)).toMatchObject(ticket);
  });

  it('carry a credential that is stored nowhere', async () => {
    const { tickets } = setUp();
    const external = {
      issuer: 'https://id.example',
      subject: '1',
      name: 'sam',
      displayName: 'Sam',
      groups: ['a'],
    };
    const credential = { kind: 'jwt', id: 'j1', ...external, expiresAtMs: 1_800_000_060_000 } as const;
    const issued = await tickets.issue({ ...ticket, credential });
    expect(tickets.verify(issued.ticket)).toMatchObject({ credential });
  });

  it('are valid after a restart and in another replica, with the same secret alone', async () => {
    const { clock, tickets } = setUp();
    const issued = await tickets.issue(ticket);
    expect(createStreamTickets(secret, clock).verify(issued.ticket)).toMatchObject(ticket);
    expect(createStreamTickets(`${secret}x`, clock).verify(issued.ticket)).toBe('the ticket is not valid');
  });

  it.each([
    ['header', 60_000],
    ['address', 30_000],
  ] as const)('expire: %s', async (use, ageMs) => {
    const { clock, tickets } = setUp();
    const issued = await tickets.issue({ ...ticket, use });
    expect(Date.parse(issued.expiresAt) - clock.epochMs()).toBe(ageMs);
    clock.advance(ageMs - 1000);
    expect(tickets.verify(issued.ticket)).toMatchObject({ use });
    clock.advance(1000);
    expect(tickets.verify(issued.ticket)).toBe('the ticket has expired');
  });

  it('are refused without a signature, with another key, or with a changed text', async () => {
    const { clock, tickets } = setUp();
    const { privateKey } = generateKeyPairSync('ed25519');
    const { ticket: issued } = await tickets.issue(ticket);
    const [head, body, signature] = issued.split('.');
    const other = Buffer.from(JSON.stringify({ ...claims(clock), camera: 'yard' })).toString('base64url');
    const forgeries = [
      `${head}.${body}.${signature}.`,
      `${head}.${body}.${signature?.slice(0, -2)}`,
      new UnsecuredJWT(claims(clock)).encode(),
      await new SignJWT(claims(clock)).setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' }).sign(privateKey),
      await new SignJWT(claims(clock))
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(secret)),
      `${head}.${other}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      '',
      'x'.repeat(8000),
    ];
    for (const forgery of forgeries) expect(tickets.verify(forgery)).toBe('the ticket is not valid');
  });

  it.each([
    ['another audience', { aud: 'elsewhere' }],
    ['another issuer', { iss: 'elsewhere' }],
    ['no audience', { aud: undefined }],
    ['no expiry', { exp: undefined }],
    ['no credential', { sid: undefined }],
    ['an unknown use', { use: 'everything' }],
  ])('are refused with %s', async (_what, change) => {
    const clock = createSimulatedClock(1_800_000_000_000);
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const tickets = createStreamTickets({ privateKey, publicKey }, clock);
    const sign = (payload: object) =>
      new SignJWT({ ...payload }).setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' }).sign(privateKey);
    expect(tickets.verify(await sign(claims(clock)))).toMatchObject({ cameraId: 'front-door' });
    const changed = JSON.parse(JSON.stringify({ ...claims(clock), ...change })) as object;
    expect(tickets.verify(await sign(changed))).toBe('the ticket is not valid');
  });
});
