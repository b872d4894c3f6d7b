import type { RtspDeviation } from '../rtsp/deviation.ts';
import type { VideoRecipe } from '../rtsp/video-clip.ts';
import { plays, playsOutsideBrowsers } from './zoo-row.ts';
import type { ZooRow } from './zoo-row.ts';

function video(recipe: Partial<VideoRecipe>, rest: RtspDeviation = {}): ZooRow['camera'] {
  return { kind: 'rtsp', video: recipe, ...rest };
}

const allModes = ['copy', 'transcode', 'overlay'] as const;

export const codecRows: readonly ZooRow[] = [
  {
    name: 'h264-baseline',
    deviation: 'H.264 baseline profile.',
    handling: 'Plays.',
    seenAt: ['deepch/RTSPtoWebRTC#118'],
    camera: video({ profile: 'baseline' }),
    expected: plays(),
    modes: ['copy'],
  },
  {
    name: 'h264-b-frames',
    deviation: 'H.264 with B-frames.',
    handling: 'BrowserPlayable is False in copy mode: turn B-frames off, or transcode.',
    seenAt: ['bluenviron/mediamtx#2268', 'bluenviron/mediamtx#3022', 'AlexxIT/go2rtc#583'],
    camera: video({ parameters: 'bframes=2:b-adapt=0', profile: 'high' }),
    expected: plays(),
    expectedIn: { copy: playsOutsideBrowsers() },
    modes: allModes,
  },
  {
    name: 'h264-intra-refresh',
    deviation: 'H.264 with intra refresh: no key frames after the first.',
    handling: 'Decodes from recovery points. HLS needs key frames: transcode.',
    seenAt: ['google/ExoPlayer#1654', 'rockchip-linux/mpp#523'],
    camera: video(
      { parameters: 'intra-refresh=1', keyFrameSeconds: 2, seconds: 60 },
      { pace: { joinsAfterKeyFrame: true } },
    ),
    expected: plays(25),
    expectedIn: { copy: playsOutsideBrowsers(25) },
    modes: allModes,
  },
  {
    name: 'h264-high-10',
    deviation: 'H.264 High 10 profile.',
    handling: 'BrowserPlayable is False in copy mode: transcode.',
    seenAt: ['mpromonet/webrtc-streamer#17'],
    camera: video({ profile: 'high10', pixelFormat: 'yuv420p10le' }),
    expected: plays(),
    expectedIn: { copy: playsOutsideBrowsers() },
    modes: allModes,
  },
  {
    name: 'h264-4-4-4',
    deviation: 'H.264 High 4:4:4 profile.',
    handling: 'BrowserPlayable is False in copy mode: transcode.',
    seenAt: ['mpromonet/webrtc-streamer#538'],
    camera: video({ profile: 'high444', pixelFormat: 'yuv444p' }),
    expected: plays(),
    expectedIn: { copy: playsOutsideBrowsers() },
    modes: ['copy', 'transcode'],
  },
  {
    name: 'h264-slices',
    deviation: 'Each picture has several slices, an access unit delimiter and SEI.',
    handling: 'Plays.',
    seenAt: [
      'iamscottxu/obs-rtspserver#199',
      'pikvm/ustreamer#115',
      'AxisCommunications/media-stream-library-js#626',
    ],
    camera: video({ parameters: 'slices=4:aud=1:pic-struct=1' }),
    expected: plays(),
  },
  {
    name: 'h264-aggregated',
    deviation: 'Parameter sets come in one packet (STAP-A).',
    handling: 'Plays.',
    seenAt: ['pikvm/ustreamer#115'],
    camera: video({}, { transport: { aggregates: true } }),
    expected: plays(),
    modes: ['copy'],
  },
  {
    name: 'h264-large-pictures',
    deviation: 'H.264 of 3840×2160, two frames per second.',
    handling: 'Plays.',
    seenAt: ['rockchip-linux/mpp#359'],
    camera: video({ sizes: [[3840, 2160]], fps: 2, seconds: 4, keyFrameSeconds: 2 }),
    expected: plays(20),
    modes: ['copy'],
  },
  {
    name: 'h264-odd-size',
    deviation: 'H.264 of 1366×768: the width is not a multiple of 16.',
    handling: 'Plays.',
    seenAt: ['pedroSG94/RTSP-Server#16'],
    camera: video({ sizes: [[1366, 768]] }),
    expected: plays(),
  },
  {
    name: 'h264-size-changes',
    deviation: 'The size of the pictures changes every 10 s, without a new connection.',
    handling: 'Continues with the new size.',
    seenAt: ['gtxaspec/raptor#30', 'webstream-labs/jmuxer#47', 'pedroSG94/RootEncoder#1162'],
    camera: video({
      sizes: [
        [320, 180],
        [640, 360],
      ],
    }),
    expected: plays(),
    checkAfterSeconds: 11,
    modes: allModes,
  },
  {
    name: 'h265',
    deviation: 'H.265.',
    handling: 'BrowserPlayable is False in copy mode: transcode.',
    seenAt: ['AlexxIT/WebRTC#496'],
    camera: video({ codec: 'h265' }),
    expected: plays(),
    expectedIn: { copy: playsOutsideBrowsers() },
    modes: allModes,
  },
  {
    name: 'h265-without-parameter-sets',
    deviation: 'H.265 without parameter sets in the session description.',
    handling: 'Waits for those in the stream.',
    seenAt: ['bluenviron/gortsplib#88'],
    camera: video({ codec: 'h265' }, { sdp: { withoutParameterSets: true } }),
    expected: plays(),
    expectedIn: { copy: playsOutsideBrowsers() },
  },
  {
    name: 'mjpeg-over-rtsp',
    deviation: 'MJPEG over RTSP.',
    handling: 'BrowserPlayable is False in copy mode: transcode.',
    seenAt: ['AxisCommunications/media-stream-library-js#182'],
    camera: video({ codec: 'mjpeg' }),
    expected: plays(),
    expectedIn: { copy: playsOutsideBrowsers() },
    modes: allModes,
  },
];

export const tlsRows: readonly ZooRow[] = [
  {
    name: 'tls-self-signed',
    deviation: 'RTSPS with a self-signed certificate.',
    handling: 'Plays; certificates of cameras are not verified.',
    seenAt: ['AlexxIT/go2rtc#15', 'deepch/RTSPtoWeb#82'],
    camera: { kind: 'rtsp', tls: {} },
    expected: plays(),
    modes: allModes,
  },
  {
    name: 'tls-expired',
    deviation: 'RTSPS with a certificate that expired.',
    handling: 'Plays; certificates of cameras are not verified.',
    seenAt: ['pedroSG94/RootEncoder#1395'],
    camera: { kind: 'rtsp', tls: { certificate: 'expired' } },
    expected: plays(),
    modes: ['copy'],
  },
  {
    name: 'tls-1-0',
    deviation: 'RTSPS with TLS 1.0 only.',
    handling: 'Plays.',
    seenAt: ['AlexxIT/go2rtc#1377'],
    camera: { kind: 'rtsp', tls: { version: 'TLSv1' } },
    expected: plays(),
  },
  {
    name: 'tls-1-3',
    deviation: 'RTSPS with TLS 1.3 only.',
    handling: 'Plays.',
    seenAt: ['marss/aiortsp#21'],
    camera: { kind: 'rtsp', tls: { version: 'TLSv1.3' } },
    expected: plays(),
    modes: ['copy'],
  },
  {
    name: 'tls-old-ciphers',
    deviation: 'RTSPS with ciphers that clients no longer offer (AES-CBC with RSA key exchange).',
    handling: 'Plays.',
    seenAt: ['AlexxIT/go2rtc#2211'],
    camera: { kind: 'rtsp', tls: { version: 'TLSv1.2', ciphers: 'AES128-SHA' } },
    expected: plays(),
    modes: ['copy'],
  },
];
