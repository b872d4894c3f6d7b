import { describe, expect, it } from '@jest/globals';
import { parseServerLogLine, takenPort } from './server-log-line.ts';

const line = (level: string, message: string) =>
  `{"timestamp":"2026-01-01T00:00:00Z","level":"${level}","message":${message}}`;

describe('parseServerLogLine', () => {
  it.each([
    ['INF', 'debug'],
    ['DEB', 'debug'],
    ['WAR', 'warn'],
    ['ERR', 'error'],
  ])('takes %s as %s', (written, level) => {
    expect(parseServerLogLine(line(written, '"a \\"b\\""'))).toEqual({ level, message: 'a "b"' });
  });

  it('keeps a message with escapes that are not JSON', () => {
    expect(parseServerLogLine(line('WAR', '"bad \\x00 byte"')).message).toBe('bad \\x00 byte');
  });

  it('treats a line in another format as an error', () => {
    expect(parseServerLogLine('panic: should not happen')).toEqual({
      level: 'error',
      message: 'panic: should not happen',
    });
  });
});

describe('takenPort', () => {
  it.each([
    ['listen tcp 127.0.0.1:8554: bind: address already in use', 8554],
    ['listen udp4 :8189: bind: address already in use', 8189],
    ['[RTSP] listener opened on :8554', undefined],
  ])('reads %j', (message, port) => {
    expect(takenPort(message)).toBe(port);
  });
});
