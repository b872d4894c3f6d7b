import { describe, expect, it } from '@jest/globals';
import { createOwnReaders } from './own-readers.ts';

const readers = (...ids: string[]) => ids.map((id) => ({ id }));

describe("Camplane's own readers", () => {
  it('are not counted as viewers once they are listed', () => {
    const own = createOwnReaders();
    own.arrived('tap');
    expect(own.viewersAmong(readers('tap', 'vlc'))).toEqual(readers('vlc'));
  });

  it('are recognized while they are listed, regardless of how many others arrive', () => {
    const own = createOwnReaders();
    own.arrived('tap');
    for (let count = 0; count < 1000; count += 1) {
      own.viewersAmong(readers('tap'));
      own.arrived(`snapshot ${count}`);
    }
    expect(own.viewersAmong(readers('tap', 'snapshot 999', 'snapshot 0'))).toEqual(readers('snapshot 0'));
  });
});
