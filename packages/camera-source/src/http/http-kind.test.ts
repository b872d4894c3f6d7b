import { describe, expect, it } from '@jest/globals';
import { classifyResponse } from './http-kind.ts';

const classify = (
  contentType: string | null,
  body: string,
  options: { path?: string; ended?: boolean } = {},
) =>
  classifyResponse({
    contentType,
    path: options.path ?? '/video',
    start: Buffer.from(body, 'latin1'),
    ended: options.ended ?? false,
  });
const jpegStart = '\xff\xd8\xff\xe0\0\x10JFIF';
const part = '--b\r\nContent-Type: image/jpeg\r\n\r\n';

describe('an HTTP response', () => {
  it.each([
    ['multipart/x-mixed-replace;boundary=b', '', 'multipart'],
    ['text/html', part, 'multipart'],
    ['application/octet-stream', part, 'multipart'],
    [null, 'Content-Type: image/jpg\n\n', 'multipart'],
    ['image/jpeg', jpegStart, 'jpeg'],
    ['image/jpg', jpegStart, 'jpeg'],
    ['text/html', jpegStart, 'jpeg'],
    [null, jpegStart, 'jpeg'],
    ['application/vnd.apple.mpegurl', '#EXTM3U\n#EXT-X-VERSION:3', 'hls'],
    ['text/plain', '\n#EXTM3U\n', 'hls'],
    ['application/x-mpegURL; charset=utf-8', '\u00ef\u00bb\u00bf#EXTM3U\n', 'hls'],
    ['video/mp2t', 'G@\0\x10'.padEnd(188, '\xff'), 'other'],
    ['video/x-flv', 'FLV\x01\x05\0\0\0\t\0\0\0\0\t\0\x01\x07', 'other'],
  ])('of type %s that starts with %j is %s', (contentType, body, kind) => {
    expect(classify(contentType, body)).toEqual({ kind });
  });

  it('is undecided while its first bytes are missing', () => {
    expect(classify('image/jpeg', '')).toBeNull();
    expect(classify('text/html', '--b\r\nContent-Ty')).toBeNull();
  });

  it.each([
    ['text/html; charset=utf-8', '<!DOCTYPE html><html>', 'a web page (text/html)'],
    ['application/octet-stream', '<html><body>Login</body>', 'a web page (application/octet-stream)'],
    ['application/json', '{"error":"no such stream"}', 'application/json, not video'],
    ['image/png', '\x89PNG\r\n\x1a\n0000IHDR', 'only JPEG pictures'],
    ['text/plain', 'Camera offline, try later', 'text/plain, not video'],
  ])('of type %s with %j is refused', (contentType, body, reason) => {
    const verdict = classify(contentType, body);
    expect(verdict && 'refusal' in verdict ? verdict.refusal : verdict).toContain(reason);
  });

  it('is refused if it is empty, and if a playlist is a web page', () => {
    expect(classify('video/mp4', '', { ended: true })).toEqual({
      refusal: 'The address answered without content.',
    });
    expect(classify('text/html', '<html>', { path: '/live.m3u8', ended: true })).toHaveProperty('refusal');
    expect(classify(null, 'x'.repeat(600), { path: '/live.m3u8?token=1' })).toEqual({ kind: 'hls' });
  });
});
