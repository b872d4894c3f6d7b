import { describe, expect, it } from '@jest/globals';
import { classifyError } from './classify-error.ts';

/** Verbatim output of FFmpeg 5.1, 7.1 and 9.0; `classify-error.int.test.ts` produces some of it live. */
const table: [kind: string | null, lines: string[]][] = [
  [
    'CredentialsRefused',
    [
      '[rtsp @ 0x56082fe26080] method DESCRIBE failed: 401 Unauthorized',
      "[concat @ 0x56082fe143c0] Impossible to open 'rtsp://***@127.0.0.1:44073/stream1'",
      'pipe:0: Server returned 401 Unauthorized (authorization failed)',
    ],
  ],
  [
    'CredentialsRefused',
    [
      '[in#0 @ 0x5] Error opening input: Server returned 403 Forbidden (access denied)',
      'Error opening input files: Server returned 403 Forbidden (access denied)',
    ],
  ],
  [
    'NotFound',
    ['[rtsp @ 0x5] method DESCRIBE failed: 404 Not Found', 'rtsp://h/x: Server returned 404 Not Found'],
  ],
  ['NotFound', ['[http @ 0x5] HTTP error 404 Not Found', 'http://h/nf: Server returned 404 Not Found']],
  [
    'TooManyConnections',
    [
      '[rtsp @ 0x5] method SETUP failed: 453 Not Enough Bandwidth',
      'rtsp://h/x: Server returned 4XX Client Error, but not one of 40{0,1,3,4}',
    ],
  ],
  [
    'ConnectionRefused',
    [
      '[tcp @ 0x5] Connection to tcp://127.0.0.1:1?timeout=8000000 failed: Connection refused',
      'rtsp://127.0.0.1:1/stream1: Connection refused',
    ],
  ],
  [
    'MediaServerUnavailable',
    [
      '[tcp @ 0x5] Connection to tcp://127.0.0.1:1?timeout=0 failed: Connection refused',
      'Could not write header for output file #0 (incorrect codec parameters ?): Connection refused',
      'Error initializing output stream 0:0 -- ',
    ],
  ],
  [
    'MediaServerUnavailable',
    [
      'Could not write header for output file #0 (incorrect codec parameters ?): Server returned 400 Bad Request',
      'Error initializing output stream 0:0 -- ',
    ],
  ],
  [
    'MediaServerUnavailable',
    [
      '[out#0/rtsp @ 0x5] Could not write header (incorrect codec parameters ?): Server returned 401 Unauthorized (authorization failed)',
    ],
  ],
  [
    'MediaServerUnavailable',
    [
      'av_interleaved_write_frame(): Broken pipe',
      'Error writing trailer of rtsp://127.0.0.1:8554/x: Broken pipe',
    ],
  ],
  [
    'HostNotFound',
    [
      '[tcp @ 0x5] Failed to resolve hostname nope.invalid: Name or service not known',
      'rtsp://nope.invalid:554/x: Input/output error',
    ],
  ],
  [
    'TimedOut',
    [
      '[tcp @ 0x5] Connection to tcp://10.0.0.1:554?timeout=8000000 failed: Connection timed out',
      'rtsp://10.0.0.1/x: Connection timed out',
    ],
  ],
  ['TimedOut', ['rtsp://10.0.0.1/x: Operation timed out']],
  ['TimedOut', ['rtsp://10.0.0.1/x: No route to host']],
  ['NoVideo', ["Stream map '0:v:0' matches no streams.", "To ignore this, add a trailing '?' to the map."]],
  [
    'UnsupportedCodec',
    [
      '[rtsp @ 0x5] Could not find tag for codec rawvideo in stream #0, codec not currently supported in container',
    ],
  ],
  [
    'MediaServerUnavailable',
    [
      'Could not write header for output file #0 (incorrect codec parameters ?): Invalid data found when processing input',
      'Error initializing output stream 0:0 -- ',
    ],
  ],
  [
    'InvalidData',
    ["Stream map '0:a:0' matches no streams.", "To ignore this, add a trailing '?' to the map."],
  ],
  [
    'InvalidData',
    ["Stream map '' matches no streams.", "Failed to set value '0:a:0' for option 'map': Invalid argument"],
  ],
  [
    'NoVideo',
    ["Stream map '' matches no streams.", "Failed to set value '0:v:0' for option 'map': Invalid argument"],
  ],
  ['UnsupportedCodec', ['Decoding requested, but no decoder found for: none']],
  ['InvalidData', ['http://h/text: Invalid data found when processing input']],
  [
    'InvalidData',
    [
      '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5] moov atom not found',
      'file:/m/x.mp4: Invalid data found when processing input',
    ],
  ],
  [
    'NoFirstFrame',
    [
      '[rtsp @ 0x5] dimensions not set',
      'Could not write header for output file #0 (incorrect codec parameters ?): Invalid argument',
    ],
  ],
  [
    'InvalidData',
    ['[http @ 0x5] HTTP error 503 Service Unavailable', 'http://h/: Server returned 5XX Server Error reply'],
  ],
  [
    'InvalidData',
    ["[concat @ 0x5] Unsafe file name 'file:/etc/passwd'", 'http://h/concat: Operation not permitted'],
  ],
  ['NotFound', ['file:/media/none.mp4: No such file or directory']],
  [
    'NotFound',
    [
      '[video4linux2,v4l2 @ 0x5] Cannot open video device /dev/video9: No such file or directory',
      '/dev/video9: No such file or directory',
    ],
  ],
  ...(['404 Not Found', '406 Not Acceptable', '459 (Aggregate)', '500 (Internal)'] as const).map(
    (status): [string, string[]] => [
      'TrackRefused',
      [`[rtsp @ 0x5] method SETUP failed: ${status}`, 'rtsp://h/x: Server returned 404 Not Found'],
    ],
  ),
  [
    'TransportRefused',
    ['[rtsp @ 0x5] method SETUP failed: 461 Unsupported Transport', 'rtsp://h/x: Protocol not supported'],
  ],
  [
    'PlayRefused',
    [
      '[in#0 @ 0x5] method PLAY failed: 404 (Not Found)',
      'Error opening input: Server returned 404 Not Found',
    ],
  ],
  [
    'CredentialsRefused',
    ['[in#0 @ 0x5] method SETUP failed: 401 (Unauthorized)', 'Error opening input: Server returned 401'],
  ],
  ['InvalidData', ['av_interleaved_write_frame(): Invalid argument']],
  ['Redirected', ["[hls @ 0x5] Protocol 'file' not on whitelist 'http,https,tcp,tls,crypto'!"]],
  ['Ended', ['rtsp://h/x: Connection reset by peer']],
  [null, []],
  [null, ['Guessed Channel Layout for Input Stream #0.1 : stereo']],
  [
    null,
    [
      'Error while decoding stream #0:0: Invalid data found when processing input',
      '[h264 @ 0x5] error while decoding MB 3 4, bytestream -5',
    ],
  ],
];

describe('classifyError', () => {
  it.each(table)('finds %s in %j', (kind, lines) => {
    expect(classifyError(lines)?.kind ?? null).toBe(kind);
  });

  it('uses only the last lines', () => {
    const noise = Array.from({ length: 40 }, (_, i) => `frame ${i} was late`);
    expect(classifyError(['rtsp://h/x: Connection refused', ...noise])).toBeNull();
  });

  it('states the status of a refused request', () => {
    const lines = ['[rtsp @ 0x5] method SETUP failed: 406 Not Acceptable'];
    expect(classifyError(lines)?.message).toContain('SETUP: 406');
  });

  it('quotes none of the lines', () => {
    const lines = ['rtsp://viewer:canary@h/x: Server returned 401 Unauthorized (authorization failed)'];
    expect(classifyError(lines)?.message).not.toMatch(/canary|rtsp:/);
  });
});
