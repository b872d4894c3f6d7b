import { describe, expect, it } from '@jest/globals';
import { ApiError } from '@camplane/api-client/api-error';
import { PlayError } from './play-failure.ts';
import { createStreamTickets, withTicket } from './stream-tickets.ts';

const { signal } = new AbortController();

function setUp() {
  let nowMs = 0;
  let failure: Error | null = null;
  const issued: string[] = [];
  const tickets = createStreamTickets(
    {
      createTicket({ id, body }) {
        if (failure) return Promise.reject(failure);
        issued.push(`${id} ${body.use} ${issued.length + 1}`);
        return Promise.resolve({ ticket: issued.at(-1) ?? '', expiresAt: '2026-01-01T00:00:00Z' });
      },
    },
    'door',
    () => nowMs,
  );
  return {
    tickets,
    issued,
    advance: (ms: number) => (nowMs += ms),
    fail: (status: number) => (failure = new ApiError('no', { code: 'x', status })),
  };
}

describe('stream tickets', () => {
  it('are used again while they are valid', async () => {
    const { tickets, issued, advance } = setUp();
    expect(await tickets.header(false, signal)).toBe('door header 1');
    advance(40_000);
    expect(await tickets.header(false, signal)).toBe('door header 1');
    advance(10_000);
    expect(await tickets.header(false, signal)).toBe('door header 2');
    expect(await tickets.header(true, signal)).toBe('door header 3');
    expect(issued).toHaveLength(3);
  });

  it('are new for each address', async () => {
    const { tickets } = setUp();
    expect(await tickets.address(signal)).toBe('door address 1');
    expect(await tickets.address(signal)).toBe('door address 2');
  });

  it.each([401, 403, 404])('end access if the API answers %d', async (status) => {
    const { tickets, fail } = setUp();
    fail(status);
    await expect(tickets.header(false, signal)).rejects.toMatchObject({ kind: 'refused' });
  });

  it.each([0, 503])('are left out if the API answers %d', async (status) => {
    const { tickets, fail } = setUp();
    fail(status);
    expect(await tickets.header(false, signal)).toBeNull();
  });

  it('are replaced once if the media server refuses one', async () => {
    const { tickets, issued } = setUp();
    const presented: (string | null)[] = [];
    const connect = (ticket: string | null) => {
      presented.push(ticket);
      return ticket === 'door header 1'
        ? Promise.reject(new PlayError('refused', ''))
        : Promise.resolve('connected');
    };
    expect(await withTicket(tickets, connect, signal)).toBe('connected');
    expect(presented).toEqual(issued);
    const refuse = () => Promise.reject(new PlayError('refused', ''));
    await expect(withTicket(tickets, refuse, signal)).rejects.toMatchObject({ kind: 'refused' });
    expect(issued).toHaveLength(3);
  });

  it('are not replaced after another failure', async () => {
    const { tickets, issued } = setUp();
    const fail = () => Promise.reject(new PlayError('absent', ''));
    await expect(withTicket(tickets, fail, signal)).rejects.toMatchObject({ kind: 'absent' });
    expect(issued).toHaveLength(1);
  });
});
