import { describe, expect, it } from '@jest/globals';
import {
  emptyLiveWindow,
  hasRoom,
  limitMaxBytes,
  limitMinBytes,
  queuedMaxMs,
  received,
  sending,
} from './live-window.ts';
import type { LiveWindow } from './live-window.ts';

const kib = 1024;

/** Sends and acknowledges pictures over a link, one after another as fast as the window allows. */
function overLink(bytesPerMs: number, latencyMs: number, pictures: number, bytes = 20 * kib) {
  let window: LiveWindow = emptyLiveWindow;
  let nowMs = 0;
  let linkFreeMs = 0;
  const arrivals: { number: number; atMs: number }[] = [];
  const ages: number[] = [];
  const take = (): void => {
    const next = arrivals.shift();
    if (!next) return;
    nowMs = Math.max(nowMs, next.atMs);
    ages.push(nowMs - (window.inFlight.find(({ number }) => number === next.number)?.sentMs ?? 0));
    window = received(window, next.number, nowMs);
  };
  for (let sent = 0; sent < pictures; sent++) {
    while (!hasRoom(window, bytes)) take();
    window = sending(window, bytes, nowMs);
    linkFreeMs = Math.max(linkFreeMs, nowMs) + bytes / bytesPerMs;
    arrivals.push({ number: window.sent, atMs: linkFreeMs + latencyMs });
  }
  return { window, tookMs: nowMs, ages: ages.slice(-Math.floor(pictures / 2)) };
}

describe('the window of a connection for many cameras', () => {
  it('lets one picture of any size pass', () => {
    expect(hasRoom(emptyLiveWindow, 8 * kib * kib)).toBe(true);
    const sent = sending(emptyLiveWindow, 8 * kib * kib, 0);
    expect(hasRoom(sent, 1)).toBe(false);
    expect(hasRoom(received(sent, 1, 10), 8 * kib * kib)).toBe(true);
  });

  it('fills a fast link', () => {
    // 100 Mbit/s and 50 ms: 625 KB are on the way.
    const { window, tookMs } = overLink(12_500, 50, 2000);
    expect(window.limitBytes).toBeGreaterThan(625_000);
    expect((2000 * 20 * kib) / tookMs).toBeGreaterThan(0.8 * 12_500);
  });

  it('keeps pictures current on a slow link', () => {
    // 4 Mbit/s: a picture takes 41 ms, and the largest window 4 s.
    const { ages } = overLink(500, 20, 1000);
    expect(Math.max(...ages)).toBeLessThan(600);
  });

  it('stays between its limits', () => {
    expect(overLink(1e9, 0, 5000).window.limitBytes).toBe(limitMaxBytes);
    expect(overLink(20, 0, 100, 5 * kib).window.limitBytes).toBeGreaterThanOrEqual(limitMinBytes);
  });

  it('is halved once for the pictures of one queue', () => {
    let window = sending(emptyLiveWindow, kib, 0);
    window = received(window, 1, 5);
    const before = window.limitBytes;
    for (let count = 0; count < 3; count++) window = sending(window, kib, 10);
    for (const number of [2, 3, 4]) window = received(window, number, 20 + 5 + queuedMaxMs);
    expect(window.limitBytes).toBe(before / 2);
  });

  it('ignores pongs for pictures that are not in flight', () => {
    const window = sending(emptyLiveWindow, kib, 0);
    for (const number of [0, 2, -1, NaN, 0.5]) expect(received(window, number, 1)).toBe(window);
    const read = received(window, 1, 1);
    expect(read).toMatchObject({ inFlight: [], inFlightBytes: 0 });
    expect(received(read, 1, 2)).toBe(read);
  });
});
