import { describe, expect, it } from '@jest/globals';
import { createSoundPauses } from './sound-pauses.ts';

const rate = 8000;
const ticks = 160;

/** Sound from 0 ms on, a packet each 20 ms. */
function playing(untilMs: number, start = 0) {
  const pauses = createSoundPauses(rate, ticks);
  for (let ms = 0; ms < untilMs; ms += 20) pauses.received(start + ms * 8, ms);
  return pauses;
}

describe('sound pauses', () => {
  it('passes sound on as it is', () => {
    const pauses = playing(1000);
    expect(pauses.due(1500)).toEqual([]);
    expect(pauses.received(8000, 1000)).toBe(8000);
  });

  it('fills a pause up to the present, without gaps', () => {
    const pauses = playing(1000);
    const sent: number[] = [];
    for (let ms = 1000; ms <= 5000; ms += 40) sent.push(...pauses.due(ms));
    expect(sent[0]).toBe(8000);
    sent.forEach((timestamp, n) => expect(timestamp).toBe(8000 + n * ticks));
    expect(sent.length * 20).toBeGreaterThan(3700);
    expect(sent.length * 20).toBeLessThan(4000);
  });

  it('continues with the sound that returns', () => {
    const pauses = playing(1000);
    pauses.due(3000);
    expect(pauses.received(3020 * 8, 3020)).toBe(3020 * 8);
  });

  it('drops late sound, which would delay all that follows', () => {
    const pauses = playing(1000);
    pauses.due(3000);
    expect(pauses.received(2000 * 8, 3010)).toBeNull();
    expect(pauses.received(2990 * 8, 3020)).toBe(2990 * 8);
  });

  it('moves sound whose clock stood still behind the silence', () => {
    const pauses = playing(1000);
    for (let ms = 1000; ms <= 9000; ms += 40) pauses.due(ms);
    const first = pauses.received(8000, 9000) ?? 0;
    expect(first).toBeGreaterThan(8800 * 8);
    expect(pauses.received(8160, 9020)).toBe(first + 160);
  });

  it('continues over the end of 32 bits', () => {
    const pauses = playing(1000, 2 ** 32 - 8000);
    expect(pauses.due(2000)[0]).toBe(0);
  });
});
