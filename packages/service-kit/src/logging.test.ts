import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logging.ts';
import type { LogFormat, Logger } from './logging.ts';
import { redactUrls } from './redact-url.ts';

function capture(format: LogFormat): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const log = createLogger({
    service: 'camera-service',
    level: 'debug',
    format,
    destination: { write: (line) => lines.push(line) },
  });
  return { log, lines };
}

const canary = 'hunter2';
const hidingPlaces: [string, (log: Logger) => void][] = [
  ['a field', (log) => log.info({ password: canary }, 'm')],
  ['a nested field', (log) => log.info({ a: { b: { c: { credentials: { password: canary } } } } }, 'm')],
  ['a list', (log) => log.info({ headers: [{ Authorization: `Basic ${canary}` }] }, 'm')],
  ['a cookie', (log) => log.info({ headers: { 'set-cookie': [`session=${canary}`] } }, 'm')],
  ['a token', (log) => log.info({ accessToken: canary }, 'm')],
  ['the message', (log) => log.info(`cannot open rtsp://me:${canary}@192.0.2.1/stream1`)],
  ['a formatted message', (log) => log.info('cannot open %s', `rtsp://me:${canary}@192.0.2.1/`)],
  ['a string field', (log) => log.info({ line: `in rtsp://me:${canary}@192.0.2.1:554/x: 401` }, 'm')],
  ['a password with a raw slash', (log) => log.info(`rtsp://me:${canary}/x@192.0.2.1/stream1`)],
  ['an error', (log) => log.error({ err: new Error(`rtsp://me:${canary}@192.0.2.1/ refused`) }, 'm')],
  [
    'the cause of an error',
    (log) => log.error({ err: new Error('outer', { cause: new Error(`http://me:${canary}@h/`) }) }, 'm'),
  ],
  [
    'a property of an error',
    (log) => log.error({ err: Object.assign(new Error('e'), { token: canary }) }, 'm'),
  ],
  ['a child logger', (log) => log.child({ source: `rtsp://me:${canary}@192.0.2.1/` }).info('m')],
  ['a child logger’s secret', (log) => log.child({ credentials: { password: canary } }).info('m')],
];

describe.each(['json', 'text'] as const)('a %s log', (format) => {
  it.each(hidingPlaces)('removes a password from %s', (_place, write) => {
    const { log, lines } = capture(format);
    write(log);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(canary);
  });

  it('writes one line per event, also for text with line breaks', () => {
    const { log, lines } = capture(format);
    log.error({ err: new Error('two\nlines'), text: 'a\nb' }, 'c\nd');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toContain('\n');
  });
});

describe('a json log', () => {
  it('contains time, level, service, fields and message', () => {
    const { log, lines } = capture('json');
    log.warn({ camera: 'front-door', restarts: 3 }, 'restarting');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: 'warn',
      service: 'camera-service',
      camera: 'front-door',
      restarts: 3,
      msg: 'restarting',
    });
  });

  it('keeps fields that only refer to a secret', () => {
    const { log, lines } = capture('json');
    log.info({ hasCredentials: true, credentialsSecretRef: { name: 'login' }, password: null }, 'm');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      hasCredentials: true,
      credentialsSecretRef: { name: 'login' },
      password: null,
    });
  });
});

describe('a text log', () => {
  it('consists of time, level, service, camera, message and fields', () => {
    const { log, lines } = capture('text');
    log.info({ camera: 'front-door', codec: 'h264', reason: 'two words', size: { width: 1280 } }, 'is live');
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} INFO {2}camera-service \[front-door\] is live codec=h264 reason="two words" size={"width":1280}\n$/,
    );
  });

  it('shows an error with its origin', () => {
    const { log, lines } = capture('text');
    log.error({ err: new Error('no route') }, 'failed');
    expect(lines[0]).toMatch(/failed err="Error: no route at .*logging\.test\.ts/);
  });

  it('escapes control characters', () => {
    const { log, lines } = capture('text');
    log.info({ camera: '\u001b[2J', stderr: '\u001b]0;owned\u0007' }, 'said \u001b[31mred');
    // eslint-disable-next-line no-control-regex -- the test is about control characters
    expect(lines[0]?.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});

describe('redactUrls', () => {
  it.each([
    ['rtsp://user:pass@host:554/a', 'rtsp://***@host:554/a'],
    ['rtsp://user@host/a', 'rtsp://***@host/a'],
    ['two: http://a:b@c/ and rtsps://d:e@f/', 'two: http://***@c/ and rtsps://***@f/'],
    ['rtsp://u:p@ss@host/', 'rtsp://***@host/'],
    ['rtsp://u:pa/ss@host/x', 'rtsp://***@host/x'],
  ])('masks %s', (text, masked) => {
    expect(redactUrls(text)).toBe(masked);
  });

  it.each([
    'rtsp://host:554/stream@1',
    'http://host/path?mail=me@example.org',
    'mail me@example.org',
    'http://[::1]:80/',
  ])('does not change %s', (text) => {
    expect(redactUrls(text)).toBe(text);
  });
});
