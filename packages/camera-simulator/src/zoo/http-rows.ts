import type { MultipartDeviation } from '../http/multipart-camera.ts';
import type { SnapshotDeviation } from '../http/snapshot-camera.ts';
import { fails, plays, playsOutsideBrowsers } from './zoo-row.ts';
import type { ZooRow } from './zoo-row.ts';

function multipart(deviation: MultipartDeviation): ZooRow['camera'] {
  return { kind: 'multipart', ...deviation };
}

function snapshot(deviation: SnapshotDeviation): ZooRow['camera'] {
  return { kind: 'snapshot', ...deviation };
}

const allModes = ['copy', 'transcode', 'overlay'] as const;
const inCopy = { copy: playsOutsideBrowsers(15) };
const user = { username: 'viewer', password: 'secret' };

/** Rows about the form of the pictures. */
function form(
  name: string,
  deviation: string,
  seenAt: readonly string[],
  camera: MultipartDeviation,
): ZooRow {
  return {
    ...common(name, deviation, 'Plays in all modes.', seenAt),
    camera: multipart(camera),
    expectedIn: inCopy,
  };
}

/** A row about pictures that RTP cannot carry. */
function notCarried(
  name: string,
  deviation: string,
  seenAt: readonly string[],
  camera: MultipartDeviation,
): ZooRow {
  return {
    ...form(name, deviation, seenAt, camera),
    handling:
      'Plays in modes transcode and overlay. Copy fails with the reason: RTP cannot carry it (RFC 2435).',
    expectedIn: { copy: fails('UnsupportedCodec', 'RTP cannot carry') },
  };
}

function common(name: string, deviation: string, handling: string, seenAt: readonly string[]) {
  return { name, deviation, handling, seenAt, expected: plays(15) };
}

/** Rows about the multipart format: transcode alone is tested, as the form of the pictures is ordinary. */
function parts(
  name: string,
  deviation: string,
  seenAt: readonly string[],
  camera: MultipartDeviation,
): ZooRow {
  return {
    ...common(name, deviation, 'Finds the pictures.', seenAt),
    camera: multipart(camera),
    modes: ['transcode'],
  };
}

export const multipartRows: readonly ZooRow[] = [
  {
    ...common('multipart', 'MJPEG over HTTP, ten frames per second.', 'Plays in real time.', [
      'datarhei/restreamer#669',
    ]),
    camera: multipart({}),
    expectedIn: inCopy,
    modes: allModes,
  },
  parts('multipart-one-in-5-s', 'One picture in 5 s.', ['motioneye-project/motioneye#1420'], { fps: 0.2 }),
  parts('multipart-2-a-second', 'Two frames per second.', ['datarhei/restreamer#669'], { fps: 2 }),
  parts('multipart-30-a-second', 'Thirty frames per second.', ['datarhei/restreamer#669'], { fps: 30 }),
  parts(
    'multipart-no-first-boundary',
    'The first part has no boundary.',
    ['espressif/esp32-camera#120', 'arendst/Tasmota#12376', 'yoursunny/esp32cam#67'],
    { withoutFirstDelimiter: true },
  ),
  parts(
    'multipart-dashes-in-header',
    'The boundary in the header has the dashes.',
    ['legege/node-mjpeg-proxy#5', 'scottlamb/multipart-stream-rs#2'],
    {
      contentType: 'multipart/x-mixed-replace; boundary=--camera',
    },
  ),
  parts(
    'multipart-no-dashes',
    'The delimiter has no dashes.',
    ['janakj/py-mjpeg#2', 'wpilibsuite/shuffleboard#352'],
    {
      delimiter: 'camera',
    },
  ),
  parts(
    'multipart-quoted-boundary',
    'The boundary is quoted, with a charset behind it.',
    ['ArduPilot/MissionPlanner#3603'],
    {
      contentType: 'multipart/x-mixed-replace;boundary="camera"; charset=utf-8',
    },
  ),
  parts(
    'multipart-no-boundary-parameter',
    'The header names no boundary.',
    ['ArduPilot/MissionPlanner#3604'],
    {
      contentType: 'multipart/x-mixed-replace',
    },
  ),
  parts(
    'multipart-other-boundary',
    'The header names another boundary than the parts have.',
    ['janakj/py-mjpeg#2'],
    {
      delimiter: '--other',
    },
  ),
  parts('multipart-image-jpg', 'The type of the parts is `image/jpg`.', ['ArduPilot/MissionPlanner#3604'], {
    partType: 'image/jpg',
  }),
  parts('multipart-no-type', 'The parts have no type.', ['ArduPilot/MissionPlanner#3604'], {
    partType: null,
  }),
  parts(
    'multipart-no-length',
    'The parts have no Content-Length.',
    ['scottlamb/multipart-stream-rs#3', 'sarxos/webcam-capture#705'],
    {
      length: 'none',
    },
  ),
  parts(
    'multipart-wrong-length',
    'Content-Length of the parts is too large.',
    ['psanford/node-mjpeg-test-server#1'],
    {
      length: 'wrong',
    },
  ),
  parts(
    'multipart-lower-case-length',
    'The parts have `content-length` and other headers.',
    ['roflcoopter/viseron#355'],
    {
      length: 'lower-case',
      partHeaders: ['X-Timestamp: 1600000000.123456', 'X-SendTimestamp: 0'],
    },
  ),
  parts('multipart-line-feeds', 'Lines end with LF.', ['roflcoopter/viseron#355'], { newline: '\n' }),
  parts('multipart-preamble', 'There is text before the first part.', ['ArduPilot/MissionPlanner#3603'], {
    preamble: 'camera stream\r\n\r\n',
  }),
  parts('multipart-basic-login', 'The login is Basic.', ['TheSpaghettiDetective/obico-server#36'], {
    login: { ...user, schemes: ['basic'] },
  }),
  parts(
    'multipart-digest-login',
    'The login is Digest.',
    ['homebridge-plugins/homebridge-camera-ffmpeg#1453'],
    {
      login: { ...user, schemes: ['md5'], qop: 'auth' },
    },
  ),
  {
    ...parts('multipart-ends', 'The first connection ends after 60 pictures.', ['datarhei/restreamer#669'], {
      endsAfterPictures: 60,
    }),
    handling: 'Reconnects.',
    checkAfterSeconds: 8,
  },
];

export const pictureRows: readonly ZooRow[] = [
  {
    ...notCarried('jpeg-grey', 'Grey pictures.', ['petergaal/JpegRtspCamera#6'], { form: 'grey' }),
    modes: allModes,
  },
  notCarried(
    'jpeg-4-2-2',
    'Pictures with 4:2:2 subsampling and two blocks per colour.',
    ['jimm98y/SharpRealTimeStreaming#19'],
    {
      form: '4:2:2',
    },
  ),
  notCarried(
    'jpeg-4-4-4',
    'Pictures with full chroma resolution (4:4:4).',
    ['jimm98y/SharpRealTimeStreaming#19'],
    {
      form: '4:4:4',
    },
  ),
  notCarried('jpeg-progressive', 'Progressive pictures.', ['petergaal/JpegRtspCamera#6'], {
    form: 'progressive',
  }),
  {
    ...notCarried(
      'jpeg-restart-markers',
      'Pictures with restart markers.',
      ['OpenIPC/smolrtsp#61', 'image-rs/jpeg-decoder#47'],
      {
        form: 'restart-markers',
      },
    ),
    modes: allModes,
  },
  notCarried(
    'jpeg-own-huffman-tables',
    'Pictures with Huffman tables fitted to each.',
    ['mpromonet/v4l2rtspserver#140'],
    {
      form: 'own-huffman-tables',
    },
  ),
  form('jpeg-without-huffman-tables', 'Pictures without Huffman tables.', ['mpromonet/v4l2rtspserver#53'], {
    form: 'without-huffman-tables',
  }),
  form('jpeg-odd-size', 'Pictures of 641×361.', ['sipsorcery-org/sipsorcery#1387'], { size: [641, 361] }),
  notCarried(
    'jpeg-large',
    'Pictures of 2560×1440: RTP carries up to 2040.',
    ['sipsorcery-org/sipsorcery#1387'],
    {
      size: [2560, 1440],
      fps: 2,
    },
  ),
];

export const snapshotRows: readonly ZooRow[] = [
  {
    ...common('snapshot', 'The address returns one JPEG.', 'Polls it.', [
      'blakeblackshear/frigate#2530',
      'asmirnou/watsor#19',
    ]),
    camera: snapshot({}),
    expectedIn: inCopy,
    modes: allModes,
  },
  {
    ...common(
      'snapshot-etag',
      'Snapshots have an ETag and are answered 304 for a second.',
      'Polls with conditional requests.',
      ['Motion-Project/motion#526'],
    ),
    camera: snapshot({ hasEtag: true, changesEverySeconds: 1 }),
    modes: ['transcode'],
  },
  {
    ...common('snapshot-slow', 'Each snapshot takes 1.5 s.', 'Polls one at a time.', [
      'motioneye-project/motioneyeos#1572',
    ]),
    camera: snapshot({ answerMs: 1500 }),
    modes: ['transcode'],
  },
  {
    ...common(
      'snapshot-sometimes-503',
      'Every third request is answered 503.',
      'Keeps the stream and polls on.',
      ['TheSpaghettiDetective/obico-server#36'],
    ),
    camera: snapshot({ unavailableEvery: 3 }),
    modes: ['transcode'],
  },
  {
    ...common('snapshot-closes', 'The camera closes each connection; the type is `image/jpg`.', 'Polls.', [
      'Motion-Project/motion#1219',
    ]),
    camera: snapshot({ closesConnection: true, contentType: 'image/jpg' }),
    modes: ['transcode'],
  },
  {
    ...common('snapshot-login', 'Snapshots need a Digest login.', 'Logs in.', [
      'homebridge-plugins/homebridge-camera-ffmpeg#1453',
    ]),
    camera: snapshot({ login: { ...user, schemes: ['md5'], qop: 'auth' } }),
    modes: ['transcode'],
  },
];

export const hlsRows: readonly ZooRow[] = [
  {
    ...common('hls-2-s', 'HLS with segments of 2 s.', 'Plays.', ['godver3/mediastorm#41']),
    camera: { kind: 'hls' },
    expected: plays(20),
  },
  {
    ...common('hls-6-s', 'HLS with segments of 6 s.', 'Plays; bursts are not mistaken for a stall.', [
      'godver3/mediastorm#41',
    ]),
    camera: { kind: 'hls', segmentSeconds: 6 },
    expected: plays(30),
    checkAfterSeconds: 15,
  },
  {
    ...common('hls-10-s', 'HLS with segments of 10 s.', 'Plays; bursts are not mistaken for a stall.', [
      'godver3/mediastorm#41',
    ]),
    camera: { kind: 'hls', segmentSeconds: 10 },
    expected: plays(40),
    checkAfterSeconds: 24,
    modes: ['copy'],
  },
  {
    ...common('hls-discontinuity', 'HLS whose timestamps start at 0 every 8 s.', 'Continues the timeline.', [
      'video-dev/hls.js#283',
      'video-dev/hls.js#1172',
    ]),
    camera: { kind: 'hls', discontinuityEvery: 4 },
    expected: plays(20),
    checkAfterSeconds: 12,
  },
];
