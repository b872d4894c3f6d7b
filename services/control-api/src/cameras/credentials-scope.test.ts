import { describe, expect, it } from '@jest/globals';
import { mayReuseCredentials } from './credentials-scope.ts';

const stored = { url: 'rtsp://192.0.2.10:554/main', subUrl: 'rtsp://192.0.2.11/sub' };

describe('stored credentials', () => {
  it.each([
    ['rtsp://192.0.2.10/other', null],
    ['rtsp://192.0.2.11:554/main', 'rtsp://192.0.2.10/sub'],
    ['rtsp://192.0.2.10:554/main', 'test:testsrc2'],
    ['file:clip.mp4', null],
  ])('may be used for %s and %s', (url, subUrl) => {
    expect(mayReuseCredentials(stored, { url, subUrl })).toBe(true);
  });

  it.each([
    ['rtsp://192.0.2.12/main', null],
    ['rtsp://192.0.2.10:555/main', null],
    ['rtsps://192.0.2.10:554/main', null],
    ['http://192.0.2.10:554/main', null],
    ['rtsp://192.0.2.10/main', 'rtsp://192.0.2.12/sub'],
    ['rtsp://192.0.2.10.example/main', null],
  ])('may not be used for %s and %s', (url, subUrl) => {
    expect(mayReuseCredentials(stored, { url, subUrl })).toBe(false);
  });

  it('are not reused for a source that connects to nothing', () => {
    const pattern = { url: 'test:testsrc2', subUrl: null };
    expect(mayReuseCredentials(pattern, { url: 'rtsp://192.0.2.10/main', subUrl: null })).toBe(false);
  });
});
