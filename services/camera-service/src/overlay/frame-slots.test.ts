import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FrameSlots } from './frame-slots.ts';

describe('frame slots', () => {
  it('writes every frame while the writer keeps up', () => {
    const slots = new FrameSlots();
    for (let frame = 0; frame < 10; frame += 1) {
      const slot = slots.reading;
      expect(slots.completeRead()).toBe(false);
      expect(slots.beginWrite()).toBe(slot);
      slots.completeWrite();
    }
  });

  it('drops the oldest waiting frame and writes the newest when the writer is behind', () => {
    const slots = new FrameSlots();
    slots.completeRead();
    slots.beginWrite();
    slots.completeRead();
    const newest = slots.reading;
    expect(slots.completeRead()).toBe(true);
    expect(slots.beginWrite()).toBeNull();
    slots.completeWrite();
    expect(slots.beginWrite()).toBe(newest);
  });

  it('never reads into a frame that waits or is being written, counts every drop, and keeps order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('read', 'begin', 'end'), { maxLength: 200 }), (steps) => {
        const slots = new FrameSlots();
        const content: number[] = [-1, -1, -1];
        let written: number | null = null;
        let [reads, dropped, delivered, last] = [0, 0, 0, -1];
        let waiting = 0;
        for (const step of steps) {
          if (step === 'read') {
            content[slots.reading] = reads;
            reads += 1;
            if (slots.completeRead()) dropped += 1;
            else waiting += 1;
          } else if (step === 'begin') {
            const slot = slots.beginWrite();
            if (slot === null) continue;
            waiting -= 1;
            written = slot;
            delivered += 1;
            expect(content[slot]).toBeGreaterThan(last);
            last = content[slot] ?? -1;
          } else {
            slots.completeWrite();
            written = null;
          }
          if (written !== null) expect(slots.reading).not.toBe(written);
          expect(reads).toBe(delivered + dropped + waiting);
          expect(waiting).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
