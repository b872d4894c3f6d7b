import { describe, expect, it } from '@jest/globals';
import { sessionUris, trackUris } from './track-uri.ts';

const requestUri = 'rtsp://camera/stream?channel=1';

describe('trackUris', () => {
  it.each([
    ['a relative control', 'track1', 'rtsp://camera/stream/', 'rtsp://camera/stream/track1'],
    ['a base without slash', 'track1', 'rtsp://camera/stream', 'rtsp://camera/stream/track1'],
    ['a base with query', 'trackID=1', requestUri, `${requestUri}/trackID=1`],
    ['no base', 'track1', null, `${requestUri}/track1`],
    ['a query', '?track=1', 'rtsp://camera/stream', 'rtsp://camera/stream?track=1'],
    [
      'an absolute control',
      'RTSP://10.0.0.9/other/track1',
      'rtsp://camera/s/',
      'RTSP://10.0.0.9/other/track1',
    ],
    ['no control', null, 'rtsp://camera/stream/', 'rtsp://camera/stream/'],
    ['an asterisk', '*', null, requestUri],
    ['a blank', 'track 1', 'rtsp://camera/s/', 'rtsp://camera/s/track%201'],
  ])('tries first, for %s, what most cameras expect', (_name, control, contentBase, expected) => {
    expect(trackUris({ control, contentBase, requestUri })[0]).toBe(expected);
  });

  it('then tries the request URI and the URI that RFC 2326 defines', () => {
    expect(trackUris({ control: 'track1', contentBase: 'rtsp://camera/wrong', requestUri })).toEqual([
      'rtsp://camera/wrong/track1',
      `${requestUri}/track1`,
      'rtsp://camera/track1',
    ]);
  });
});

describe('sessionUris', () => {
  it('tries the base, the request URI and the track', () => {
    const options = {
      control: '*',
      contentBase: 'rtsp://camera/stream/',
      requestUri,
      trackUri: 'rtsp://camera/t',
    };
    expect(sessionUris(options)).toEqual(['rtsp://camera/stream/', requestUri, 'rtsp://camera/t']);
    expect(sessionUris({ ...options, control: 'rtsp://camera/all' })[0]).toBe('rtsp://camera/all');
  });
});
