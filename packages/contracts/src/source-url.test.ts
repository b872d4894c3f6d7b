import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostileSourceUrls } from './fixtures/hostile-source-urls.ts';
import { parseSourceUrl, sourceToUrl, sourceUrlPattern } from './source-url.ts';

describe('parseSourceUrl accepts', () => {
  it.each([
    ['rtsp://192.0.2.10/stream1', 'rtsp://192.0.2.10:554/stream1'],
    ['rtsp://192.0.2.10:8554/a/b?channel=1&subtype=0', 'rtsp://192.0.2.10:8554/a/b?channel=1&subtype=0'],
    ['RTSP://Camera.Example.ORG/Stream', 'rtsp://camera.example.org:554/Stream'],
    ['rtsps://camera.example.org/live', 'rtsps://camera.example.org:322/live'],
    ['rtsp://camera', 'rtsp://camera:554/'],
    ['rtsp://camera?stream=1', 'rtsp://camera:554/?stream=1'],
    ['rtsp://camera:/x', 'rtsp://camera:554/x'],
    ['rtsp://cam_1.lan./x', 'rtsp://cam_1.lan.:554/x'],
    ['rtsp://[2001:db8::1]/x', 'rtsp://[2001:db8::1]:554/x'],
    ['rtsp://[2001:DB8::1]:8554/x', 'rtsp://[2001:db8::1]:8554/x'],
    ['rtsp://camera/a/../b', 'rtsp://camera:554/a/../b'],
    ['rtsp://127.0.0.1:8554/demo', 'rtsp://127.0.0.1:8554/demo'],
    ['rtsp://localhost:1/x', 'rtsp://localhost:1/x'],
    ['rtsp://camera:65535/x', 'rtsp://camera:65535/x'],
    ['http://camera/video.mjpg?fps=5', 'http://camera:80/video.mjpg?fps=5'],
    ['https://camera/live/index.m3u8', 'https://camera:443/live/index.m3u8'],
    ['rtsp://camera/%E2%82%AC', 'rtsp://camera:554/%E2%82%AC'],
    [
      'rtsp://camera/Streaming/Channels/101;x=(1),!$*+',
      'rtsp://camera:554/Streaming/Channels/101;x=(1),!$*+',
    ],
    ['rtsp://1camera.example/x', 'rtsp://1camera.example:554/x'],
    ['rtsp://xn--kamera-9ua.example/x', 'rtsp://xn--kamera-9ua.example:554/x'],
  ])('%s', (text, opened) => {
    const result = parseSourceUrl(text);
    if (!result.ok) throw new Error(result.reason);
    expect(text).toMatch(new RegExp(sourceUrlPattern));
    if (result.source.kind !== 'rtsp' && result.source.kind !== 'http') throw new Error(result.source.kind);
    expect(sourceToUrl(result.source)).toBe(opened);
  });

  it.each([
    ['v4l2:/dev/video0', { kind: 'v4l2', device: '/dev/video0' }],
    ['v4l2:/dev/video12', { kind: 'v4l2', device: '/dev/video12' }],
    ['file:vtest.avi', { kind: 'file', path: 'vtest.avi' }],
    ['file:site-a/door.1.MP4', { kind: 'file', path: 'site-a/door.1.MP4' }],
    ['test:testsrc2', { kind: 'test', pattern: 'testsrc2' }],
    ['TEST:smptebars', { kind: 'test', pattern: 'smptebars' }],
  ])('%s', (text, source) => {
    expect(parseSourceUrl(text)).toEqual({ ok: true, source });
    expect(text).toMatch(new RegExp(sourceUrlPattern));
  });
});

describe('parseSourceUrl refuses', () => {
  const cases = Object.entries(hostileSourceUrls).flatMap(([what, [reason, ...urls]]) =>
    urls.map((url): [string, string, RegExp] => [what, url, reason]),
  );

  it.each(cases)('%s: %j', (_what, url, reason) => {
    const result = parseSourceUrl(url);
    expect(result).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  it('at least 200 distinct URLs', () => {
    const urls = cases.map(([, url]) => url);
    expect(new Set(urls).size).toBe(urls.length);
    expect(urls.length).toBeGreaterThanOrEqual(200);
  });

  it('or returns a source whose URL parses to the same source and has allowed characters only', () => {
    const piece = fc.constantFrom(
      ...[
        'rtsp',
        'http',
        's',
        ':',
        '//',
        '/',
        '@',
        '[',
        ']',
        '::1',
        '%',
        '?',
        '#',
        '.',
        '-',
        '127',
        '0x7f',
        '\\',
      ],
      ...['camera', 'example.org', '554', '\r\n', '|', "'", ' ', 'file:', '..', '%40', '\u0430'],
    );
    const groups = fc.array(fc.constantFrom('0', '1', 'ffff', 'FFfe', '0000', 'ff'), { maxLength: 7 });
    const text = fc.oneof(
      fc.tuple(groups, groups).map(([left, right]) => `http://[${left.join(':')}::${right.join(':')}]`),
      groups.map((all) => `rtsp://[${[...all, 'a'].join(':')}]`),
      fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
      fc.array(piece, { maxLength: 6 }).map((pieces) => `rtsp://${pieces.join('')}`),
      fc.webUrl(),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (url) => {
        const result = parseSourceUrl(url);
        if (result.ok) expect(url).toMatch(new RegExp(sourceUrlPattern));
        if (!result.ok || (result.source.kind !== 'rtsp' && result.source.kind !== 'http')) return;
        const opened = sourceToUrl(result.source);
        expect(parseSourceUrl(opened)).toEqual(result);
        expect(opened).toMatch(/^(rtsp|http)s?:\/\/([a-z0-9_.-]+|\[[0-9a-f:]+\]):\d+\/[!-~]*$/);
        // Other URL parsers agree on the host.
        const host = new URL(opened.replace(/^rtsp/, 'http')).hostname;
        if (result.source.host.startsWith('[')) expect(host).toMatch(/^\[/);
        else expect(host).toBe(result.source.host);
      }),
      { numRuns: 2000 },
    );
  });

  it('without the password in the reason', () => {
    const result = parseSourceUrl('rtsp://admin:canary-7351@camera/x');
    expect(JSON.stringify(result)).not.toContain('canary');
  });
});
