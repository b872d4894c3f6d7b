import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayUrl } from '@camplane/camera-source/http/gateway-address';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import type { CameraSource } from '@camplane/contracts/source-url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inputArguments, mediaFile } from './input.ts';
import type { InputOptions } from './input.ts';

function input(url: string, options: Partial<InputOptions> = {}) {
  const parsed = parseSourceUrl(url);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { source } = parsed;
  const gateway = source.kind === 'http' ? { proxyUrl: 'http://127.0.0.1:1', url: gatewayUrl(source) } : null;
  return inputArguments({
    source,
    gateway,
    transport: 'tcp',
    audio: false,
    credentials: null,
    mediaFolder: '/media',
    probe: 'copy',
    ...options,
  });
}

function valueOf(args: string[], name: string): string | undefined {
  return args[args.indexOf(name) + 1];
}

/** Parses a word like FFmpeg's `av_get_token`: quotes keep everything, a backslash keeps one character. */
function readToken(text: string): { token: string; rest: string } {
  let token = '';
  let quoted = false;
  let i = 0;
  for (; i < text.length; i += 1) {
    const character = text[i] ?? '';
    if (quoted) {
      if (character === "'") quoted = false;
      else token += character;
    } else if (character === '\\') token += text[++i] ?? '';
    else if (character === "'") quoted = true;
    else if (/[\s]/.test(character)) break;
    else token += character;
  }
  return { token, rest: text.slice(i) };
}

describe('the input of a camera', () => {
  const login = fc.record({
    username: fc.string({ unit: 'binary', maxLength: 40 }),
    password: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom(
        `p@ss:w/o rd'%"#?\\`,
        "'\nfile '/etc/passwd'\n",
        "\\'",
        '%2d',
        '{}[]|^`<>',
        'пароль',
        '\0',
        '\ud800',
      ),
    ),
  });

  it('has no login in its arguments, and exactly one in its list, for any login', () => {
    fc.assert(
      fc.property(
        login,
        fc.constantFrom('rtsp://camera:8554/x?a=1', 'https://camera/v.mjpg'),
        (credentials, url) => {
          const { args, stdin = '' } = input(url, { credentials });
          expect(args).toEqual(input(url, { credentials: { username: 'u', password: 'p' } }).args);
          expect(args).not.toContain(url);
          const lines = stdin.split('\n');
          expect(lines[0]).toBe('ffconcat version 1.0');
          expect(lines.filter((line) => line.startsWith('file'))).toHaveLength(1);
          expect(
            lines.slice(2).every((line) => line === '' || /^option [a-z_]+ [a-z0-9:/.]+$/.test(line)),
          ).toBe(true);
          const { token, rest } = readToken((lines[1] ?? '').slice('file '.length));
          expect(rest).toBe('');
          const opened = new URL(token);
          expect(decodeURIComponent(opened.username)).toBe(credentials.username.toWellFormed());
          expect(decodeURIComponent(opened.password)).toBe(credentials.password.toWellFormed());
          expect(opened.hostname.replace('.tls.camplane.invalid', '')).toBe('camera');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is the URL itself without a login', () => {
    const { args, stdin } = input('rtsp://camera/x');
    expect(args.slice(-2)).toEqual(['-i', 'rtsp://camera:554/x']);
    expect(stdin).toBeUndefined();
    expect(valueOf(args, '-rtsp_transport')).toBe('tcp');
    expect(valueOf(input('rtsp://camera/x', { transport: 'udp' }).args, '-rtsp_transport')).toBe('udp');
  });

  it('paces HLS, which arrives by the segment', () => {
    expect(input('http://camera/live.m3u8?a=b').args).toContain('-re');
    expect(valueOf(input('http://camera/live.m3u8').args, '-live_start_index')).toBe('-2');
    expect(input('http://camera/video').args).not.toContain('-live_start_index');
    expect(input('http://camera/live.mjpg').args).not.toContain('-re');
    expect(input('http://camera/live.m3u8', { pace: 'unpaced' }).args).not.toContain('-re');
  });

  it.each([null, { username: 'u', password: 'p' }])('sets up only the requested tracks', (credentials) => {
    const given = (audio: boolean) => {
      const { args, stdin } = input('rtsp://camera/x', { audio, credentials });
      return stdin === undefined
        ? valueOf(args, '-allowed_media_types')
        : /^option allowed_media_types (.*)$/m.exec(stdin)?.[1];
    };
    expect([given(false), given(true)]).toEqual(['video', 'video+audio']);
  });

  it('is a loopback address in the format of a relay', () => {
    const relay = (format: 'rtsp' | 'matroska', url: string) =>
      inputArguments({
        source: { kind: 'relay', url, format },
        ...{ transport: 'udp', credentials: { username: 'u', password: 'p' }, mediaFolder: '/media' },
        ...{ audio: false, probe: 'copy' },
      });
    const rtsp = relay('rtsp', 'rtsp://127.0.0.1:1/secret');
    expect(rtsp.args.slice(-2)).toEqual(['-i', 'rtsp://127.0.0.1:1/secret']);
    expect(valueOf(rtsp.args, '-rtsp_transport')).toBe('tcp');
    expect(rtsp.stdin).toBeUndefined();
    const pictures = relay('matroska', 'http://127.0.0.1:1/secret');
    expect(valueOf(pictures.args, '-f')).toBe('matroska');
    expect(valueOf(pictures.args, '-protocol_whitelist')).toBe('http,tcp');
  });

  it.each(['rtsp://camera/x', 'http://camera/x', 'v4l2:/dev/video0', 'file:a/b.mp4', 'test:testsrc'])(
    'is limited in its protocols for %s, before it is opened',
    (url) => {
      const { args } = input(url);
      expect(args.indexOf('-protocol_whitelist')).toBeGreaterThanOrEqual(0);
      expect(args.indexOf('-protocol_whitelist')).toBeLessThan(args.indexOf('-i'));
      const protocols = (valueOf(args, '-protocol_whitelist') ?? '').split(',');
      expect(protocols.includes('file')).toBe(!url.includes('://'));
      expect(protocols).not.toContain('pipe');
    },
  );

  it('opens HTTP only through a gateway, which does the TLS, regardless of the environment', () => {
    const { args, environment } = input('https://camera/x');
    expect(args.slice(-2)).toEqual(['-i', 'http://camera.tls.camplane.invalid:443/x']);
    expect(valueOf(args, '-http_proxy')).toBe('http://127.0.0.1:1');
    expect(valueOf(args, '-protocol_whitelist')).toBe('http,tcp,crypto');
    expect(environment).toEqual({ no_proxy: '' });
    expect(() => input('http://camera/x', { gateway: null })).toThrow('gateway');
  });

  it('times out on a silent camera and follows no redirect', () => {
    expect(Number(valueOf(input('rtsp://camera/x').args, '-timeout'))).toBeGreaterThan(1_000_000);
    expect(Number(valueOf(input('http://camera/x').args, '-rw_timeout'))).toBeGreaterThan(1_000_000);
    expect(valueOf(input('http://camera/x').args, '-max_redirects')).toBe('0');
    const { stdin } = input('https://camera/x', { credentials: { username: 'a', password: 'b' } });
    expect(stdin).toContain('option max_redirects 0\n');
  });

  it('loops a file in real time, and reads it once at full speed for a probe', () => {
    expect(input('file:a.mp4').args).toEqual(expect.arrayContaining(['-re', '-stream_loop', '-1']));
    expect(input('file:a.mp4', { pace: 'unpaced' }).args).not.toContain('-re');
    expect(input('test:testsrc', { pace: 'unpaced' }).args).not.toContain('-re');
  });
});

describe('a media file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'camplane-media-'));
    mkdirSync(join(folder, 'media', 'day'), { recursive: true });
    writeFileSync(join(folder, 'secret.mp4'), '');
    writeFileSync(join(folder, 'media', 'clip.mp4'), '');
    symlinkSync(join(folder, 'secret.mp4'), join(folder, 'media', 'link.mp4'));
    symlinkSync(folder, join(folder, 'media', 'up'));
    symlinkSync('clip.mp4', join(folder, 'media', 'inner.mp4'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['clip.mp4', 'day/none-yet.mp4', 'inner.mp4'])('%s is found below its folder', (path) => {
    expect(mediaFile(join(folder, 'media'), path)).toBe(join(folder, 'media', path));
  });

  it.each([
    '../secret.mp4',
    'day/../../secret.mp4',
    '/etc/passwd',
    '.',
    'link.mp4',
    'up/secret.mp4',
    'up/none.mp4',
  ])('%s is refused, being outside', (path) => {
    expect(() => mediaFile(join(folder, 'media'), path)).toThrow('not below the media folder');
  });

  it('is refused before arguments are built', () => {
    const source: CameraSource = { kind: 'file', path: '../secret.mp4' };
    expect(() =>
      inputArguments({
        source,
        transport: 'tcp',
        audio: false,
        credentials: null,
        mediaFolder: join(folder, 'media'),
        probe: 'copy',
      }),
    ).toThrow('not below');
  });
});
