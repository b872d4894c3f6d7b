import { describe, expect, it } from '@jest/globals';
import { createLiveSlots } from './live-slots.ts';
import { slotsNote } from './slots-note.ts';

describe('the note on slots', () => {
  it('says why some tiles show pictures', () => {
    const slots = createLiveSlots(1);
    expect(slotsNote(slots)).toBe('');
    slots.request('a');
    expect(slotsNote(slots)).toBe('');
    slots.request('b');
    expect(slotsNote(slots)).toMatch(/^Video for 1 of 2 visible cameras, pictures for the others/);
  });
});
