import type { Consequence, ProbeResult } from './camera-http.ts';
import { videoCodecName } from './video-codec-name.ts';

type Found = Extract<ProbeResult, { ok: true }>;
export type Fact = readonly [name: string, value: string | null];

/** What a source sends, for the dashboard and the command line. Facts without a value are not known. */
export function probeFacts({ video, audio, source }: Found): Fact[] {
  return [
    ['Video', joined(videoCodecName(video.codec), video.profile, video.level)],
    ['Size', `${video.width} × ${video.height}`],
    ['Frame rate', video.fps === null ? null : `${rounded(video.fps)} fps`],
    ['Key frames', keyFrames(source)],
    ['B-frames', video.hasBFrames ? 'yes' : null],
    ['Bit rate', source?.bitRateKbps ? bitRate(source.bitRateKbps) : null],
    ['Sound', sound(audio)],
    ['Other tracks', otherTracks(source)],
    ['Login', source?.login ? loginName(source.login) : null],
    ['Encryption', source?.tls ?? null],
    ['Timing', timing(source)],
  ];
}

export const consequenceNames: Readonly<Record<Consequence['about'], string>> = {
  browsers: 'Browsers',
  homekit: 'HomeKit',
  detection: 'Detection',
  cost: 'Cost',
};

type Source = Found['source'];

function keyFrames(source: Source): string | null {
  if (source?.intraRefresh === true) return 'none (intra refresh)';
  const seconds = source?.keyFrameIntervalS ?? null;
  return seconds === null || source?.kind !== 'rtsp' ? null : `every ${rounded(seconds)} s`;
}

function bitRate(kbps: number): string {
  return kbps < 1000 ? `${kbps} kbit/s` : `${rounded(kbps / 1000)} Mbit/s`;
}

function sound(audio: Found['audio']): string {
  if (audio === null) return 'none';
  const channels =
    audio.channels === 1 ? 'mono' : audio.channels === 2 ? 'stereo' : `${audio.channels} channels`;
  const text = `${soundName(audio.codec)}, ${rounded(audio.sampleRate / 1000)} kHz, ${channels}`;
  return audio.isSent === false ? `${text}; announced, not sent` : text;
}

function soundName(codec: string): string {
  const names: Readonly<Record<string, string>> = {
    aac: 'AAC',
    opus: 'Opus',
    pcmu: 'G.711 µ-law',
    pcma: 'G.711 A-law',
    g722: 'G.722',
    g726: 'G.726',
  };
  return names[codec] ?? codec;
}

/** Tracks beside the first video and the first sound, such as ONVIF metadata and a loudspeaker. */
function otherTracks(source: Source): string | null {
  const rest = [...(source?.tracks ?? [])];
  for (const type of ['video', 'audio']) {
    const index = rest.findIndex((track) => track.type === type && track.direction !== 'sendonly');
    if (index !== -1) rest.splice(index, 1);
  }
  const names = rest.map(({ type, codec, direction }) =>
    type === 'audio' && direction === 'sendonly'
      ? 'loudspeaker'
      : type === 'application'
        ? 'metadata'
        : codec,
  );
  return names.length === 0 ? null : names.join(', ');
}

function loginName(login: string): string {
  if (login === 'none') return 'not required';
  if (login === 'basic') return 'Basic';
  return login.replace('digest-', 'Digest ').replace('sha', 'SHA').replace('md5', 'MD5');
}

function timing(source: Source): string | null {
  const parts = [
    timed('answer', source?.answerMs),
    timed('picture', source?.firstPictureMs),
    timed('key frame', source?.firstKeyFrameMs),
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}

function timed(what: string, ms: number | null | undefined): string | null {
  if (ms === null || ms === undefined) return null;
  return `${what} after ${ms < 1000 ? `${ms} ms` : `${rounded(ms / 1000)} s`}`;
}

function joined(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null).join(' ');
}

function rounded(value: number): string {
  return String(Number(value.toFixed(1)));
}
