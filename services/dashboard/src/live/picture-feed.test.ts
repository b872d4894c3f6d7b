import { describe, expect, it } from '@jest/globals';
import type { LiveConnectionListener } from '@camplane/api-client/live-connection';
import type { PictureHandlers } from '../player/picture-source.ts';
import { createPictureFeed } from './picture-feed.ts';

/** A feed on a connection whose server side is the test. */
function startFeed() {
  const sent: string[] = [];
  const listeners: LiveConnectionListener[] = [];
  const timers: (() => void)[] = [];
  const feed = createPictureFeed({
    open(listener) {
      listeners.push(listener);
      sent.push('open');
      return {
        watch: (cameraId, quality) => void sent.push(`watch ${cameraId} ${quality}`),
        unwatch: (cameraId) => void sent.push(`unwatch ${cameraId}`),
        close: () => void sent.push('close'),
      };
    },
    later(task) {
      timers.push(task);
      return () => void timers.splice(timers.indexOf(task), 1);
    },
  });
  return {
    feed,
    sent,
    timers,
    server: () => {
      const listener = listeners.at(-1);
      if (!listener) throw new Error('not connected');
      return listener;
    },
  };
}

function record(): PictureHandlers & { seen: string[] } {
  const seen: string[] = [];
  return {
    seen,
    onOpen: () => void seen.push('open'),
    onPicture: ({ size }) => void seen.push(`${size} bytes`),
    onHeld: (held) => void seen.push(held ? 'held' : 'sent'),
    onEnded: ({ kind }) => void seen.push(kind),
  };
}

const info = (cameraId: string, state: 'live' | 'starting' | 'offline') =>
  ({
    type: 'info',
    quality: 'low',
    reason: null,
    message: null,
    picture: null,
    ...{ cameraId, state },
  }) as const;

const error = (cameraId: string, code: string, isWatched = false) =>
  ({ type: 'error', message: 'Because', retryAfterSeconds: null, cameraId, code, isWatched }) as const;

describe('the feed of pictures', () => {
  it('delivers the pictures of each camera over one connection', () => {
    const { feed, sent, server } = startFeed();
    const [a, b] = [record(), record()];
    feed.source('a')(a);
    feed.source('b')(b);
    server().onMessage(info('a', 'live'));
    server().onPicture('a', new Uint8Array(3));
    server().onPicture('b', new Uint8Array(5));
    server().onPicture('c', new Uint8Array(7));
    expect(sent).toEqual(['open', 'watch a low', 'watch b low']);
    expect(a.seen).toEqual(['open', 'sent', '3 bytes']);
    expect(b.seen).toEqual(['5 bytes']);
  });

  it('stops watching a camera without a player, and closes a while after the last', () => {
    const { feed, sent, timers } = startFeed();
    const stop = feed.source('a')(record());
    stop();
    stop();
    expect(sent).toEqual(['open', 'watch a low', 'unwatch a']);
    timers[0]?.();
    expect(sent.at(-1)).toBe('close');
  });

  it('keeps the connection when the next page shows cameras', () => {
    const { feed, sent, timers } = startFeed();
    feed.source('a')(record())();
    feed.source('b')(record());
    expect(timers).toEqual([]);
    expect(sent).toEqual(['open', 'watch a low', 'unwatch a', 'watch b low']);
  });

  it('shares a camera between two that show it', () => {
    const { feed, sent, server } = startFeed();
    const [first, second] = [record(), record()];
    const stop = feed.source('a')(first);
    feed.source('a')(second);
    stop();
    server().onPicture('a', new Uint8Array(1));
    expect(sent).toEqual(['open', 'watch a low']);
    expect([first.seen, second.seen]).toEqual([[], ['1 bytes']]);
  });

  it('reports a camera that sends nothing, and its return', () => {
    const { feed, server } = startFeed();
    const a = record();
    feed.source('a')(a);
    server().onMessage(info('a', 'offline'));
    server().onMessage(info('a', 'starting'));
    expect(a.seen).toEqual(['open', 'held', 'sent']);
  });

  it.each([
    ['camera-not-found', 'refused'],
    ['stream-limit', 'limit'],
    ['service-unavailable', 'server'],
  ])('ends the pictures of one camera: %s', (code, kind) => {
    const { feed, sent, server } = startFeed();
    const [a, b] = [record(), record()];
    const stop = feed.source('a')(a);
    feed.source('b')(b);
    server().onMessage(error('a', code));
    stop();
    expect([a.seen, b.seen]).toEqual([[kind], []]);
    // The server does not watch it any longer.
    expect(sent).not.toContain('unwatch a');
    server().onMessage(error('b', code, true));
    expect(b.seen).toEqual([]);
  });

  it('closes a while after the server has refused the last camera', () => {
    const { feed, sent, timers, server } = startFeed();
    feed.source('a')(record());
    server().onMessage(error('a', 'stream-limit'));
    timers[0]?.();
    expect(sent.at(-1)).toBe('close');
  });

  it('ends all pictures with the connection, and connects again for the next', () => {
    const { feed, sent, server } = startFeed();
    const [a, b] = [record(), record()];
    feed.source('a')(a);
    feed.source('b')(b);
    server().onMessage(info('a', 'live'));
    server().onClose({ code: 1001, reason: '' });
    expect(a.seen.at(-1)).toBe('closed');
    expect(b.seen).toEqual(['closed']);
    feed.source('a')(record());
    expect(sent.slice(-2)).toEqual(['open', 'watch a low']);
  });

  it('reports a server without this connection as unreachable, and a lost login as refused', () => {
    const { feed, server } = startFeed();
    const [a, b] = [record(), record()];
    feed.source('a')(a);
    server().onClose({ code: 1006, reason: '' });
    feed.source('b')(b);
    server().onClose({ code: 4401, reason: '' });
    expect([a.seen, b.seen]).toEqual([['unreachable'], ['refused']]);
  });
});
