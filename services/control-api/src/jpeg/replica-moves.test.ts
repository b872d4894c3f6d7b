import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { WebSocket } from 'ws';
import { createReplicaMoves, moveIntervalMs } from './replica-moves.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** The part of a connection that is used here. */
class Connection extends EventEmitter {
  isOpen = true;
  terminate(): void {
    this.isOpen = false;
    this.emit('close', 1006);
  }
}

function setUp() {
  const replicas = { ranking: ['a', 'b'], reached: 'a', attempts: 0 };
  const moves = createReplicaMoves({
    ranked: () => Promise.resolve(replicas.ranking),
    connect() {
      replicas.attempts += 1;
      return Promise.resolve({ url: replicas.reached, socket: new Socket() });
    },
  });
  const follow = (cameraId: string, url: string): Connection => {
    const connection = new Connection();
    moves.follow(connection as unknown as WebSocket, { cameraId, url });
    return connection;
  };
  return { replicas, follow };
}

describe('connections to replicas', () => {
  it('end when a better replica for their camera accepts connections', async () => {
    const { replicas, follow } = setUp();
    const [atBest, elsewhere] = [follow('street', 'a'), follow('street', 'b')];
    await jest.advanceTimersByTimeAsync(moveIntervalMs);
    expect([atBest.isOpen, elsewhere.isOpen]).toEqual([true, false]);
    await jest.advanceTimersByTimeAsync(moveIntervalMs);
    expect([atBest.isOpen, replicas.attempts]).toEqual([true, 1]);
  });

  it('stay while the better one accepts none', async () => {
    const { replicas, follow } = setUp();
    replicas.reached = 'b';
    const connection = follow('street', 'b');
    await jest.advanceTimersByTimeAsync(2 * moveIntervalMs);
    expect(connection.isOpen).toBe(true);
  });

  it('are not checked once none is left', async () => {
    const { follow } = setUp();
    follow('street', 'a').terminate();
    expect(jest.getTimerCount()).toBe(0);
  });
});
