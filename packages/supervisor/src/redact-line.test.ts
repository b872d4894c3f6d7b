import { describe, expect, it } from '@jest/globals';
import { redactLine } from './redact-line.ts';

describe('redactLine', () => {
  it.each([
    ["Impossible to open 'rtsp://a:secret@host:554/x'", "Impossible to open 'rtsp://***@host:554/x'"],
    ['rtsp://a:se%2Fcret@[::1]/x: refused', 'rtsp://***@[::1]/x: refused'],
    ['rtsp://a:s@cret@host/x', 'rtsp://***@host/x'],
    ['tcp://10.0.0.1:554?timeout=1 failed', 'tcp://10.0.0.1:554?timeout=1 failed'],
    ['two http://a:b@c/ and https://d:e@f/', 'two http://***@c/ and https://***@f/'],
    ['mail to someone@example.org', 'mail to someone@example.org'],
  ])('redacts %j to %j', (line, expected) => {
    expect(redactLine(line)).toBe(expected);
  });

  it('removes a URL that was truncated within its user information', () => {
    expect(redactLine("open 'rtsp://user:half-a-pass", true)).toBe("open 'rtsp://***");
    expect(redactLine('see rtsp://host/a/path', true)).toBe('see rtsp://host/a/path');
  });
});
