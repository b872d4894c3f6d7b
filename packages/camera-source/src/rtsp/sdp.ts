import { h264PictureSize } from './h264-sps.ts';
import type { PictureSize } from './h264-sps.ts';

export type DescribedVideo = { codec: string; width?: number; height?: number };
export type DescribedAudio = { codec: string; sampleRate: number; channels: number };

type Media = { type: string; payloadType: string; attributes: string[] };
type Mapping = { name: string; clockRate: number; channels: number };

/** Names of RTP payload formats (RFC 3551, 6184, 7798, 2435, 6416, 3640 …) whose codec has a different name. */
const codecNames: Record<string, string> = {
  hevc: 'h265',
  jpeg: 'mjpeg',
  'mp4v-es': 'mpeg4',
  'mpeg4-generic': 'aac',
  'mp4a-latm': 'aac',
  mpa: 'mp3',
};

/** Payload types that need no rtpmap (RFC 3551, tables 4 and 5). */
const staticMappings: Record<string, Mapping> = {
  '0': { name: 'pcmu', clockRate: 8000, channels: 1 },
  '3': { name: 'gsm', clockRate: 8000, channels: 1 },
  '8': { name: 'pcma', clockRate: 8000, channels: 1 },
  '9': { name: 'g722', clockRate: 8000, channels: 1 },
  '10': { name: 'l16', clockRate: 44_100, channels: 2 },
  '11': { name: 'l16', clockRate: 44_100, channels: 1 },
  '14': { name: 'mpa', clockRate: 90_000, channels: 1 },
  '18': { name: 'g729', clockRate: 8000, channels: 1 },
  '26': { name: 'jpeg', clockRate: 90_000, channels: 1 },
  '31': { name: 'h261', clockRate: 90_000, channels: 1 },
  '32': { name: 'mpv', clockRate: 90_000, channels: 1 },
  '34': { name: 'h263', clockRate: 90_000, channels: 1 },
};

/**
 * The first video and the first sound of a session description (RFC 8866); undefined if the text is not one.
 * Codecs: h264, h265, mjpeg, mpeg4, av1, vp8, vp9, aac, pcmu, pcma, opus …, else the lower-case name given.
 */
export function readDescription(
  text: string,
): { video: DescribedVideo | null; audio: DescribedAudio | null } | undefined {
  const lines = text.split(/\r\n|\r|\n/);
  if (!lines[0]?.startsWith('v=')) return undefined;
  const media = readMedia(lines);
  const video = media.find(({ type }) => type === 'video');
  // ONVIF's back channel (a loudspeaker) is described as sound too (ONVIF Streaming Specification, 5.3).
  const audio = media.find(({ type, attributes }) => type === 'audio' && !attributes.includes('sendonly'));
  return {
    video: video ? describeVideo(video) : null,
    audio: audio ? describeAudio(audio) : null,
  };
}

function readMedia(lines: readonly string[]): Media[] {
  const media: Media[] = [];
  for (const line of lines) {
    const head = /^m=([a-z]+) \S+ \S+ (\d{1,3})\b/.exec(line);
    if (head) media.push({ type: head[1] ?? '', payloadType: head[2] ?? '', attributes: [] });
    else if (line.startsWith('m=')) media.push({ type: 'unknown', payloadType: '', attributes: [] });
    else if (line.startsWith('a=')) media.at(-1)?.attributes.push(line.slice(2).trim());
  }
  return media;
}

function describeVideo(media: Media): DescribedVideo {
  const codec = codecOf(mappingOf(media));
  return { codec, ...(codec === 'h264' ? sizeFromParameterSets(media) : undefined) };
}

function describeAudio(media: Media): DescribedAudio | null {
  const mapping = mappingOf(media);
  if (!mapping) return null;
  const codec = codecOf(mapping);
  // RFC 3551, 4.5.2: by a historical error, G.722 has half of its sampling rate.
  const sampleRate = codec === 'g722' ? 16_000 : mapping.clockRate;
  return { codec, sampleRate, channels: mapping.channels };
}

function mappingOf(media: Media): Mapping | undefined {
  const found = /^([\w.-]{1,32})\/(\d{1,7})(?:\/(\d{1,2}))?/.exec(attribute(media, 'rtpmap') ?? '');
  if (!found) return staticMappings[media.payloadType];
  return {
    name: (found[1] ?? '').toLowerCase(),
    clockRate: Number(found[2]),
    channels: Math.max(1, Number(found[3] ?? 1)),
  };
}

function codecOf(mapping: Mapping | undefined): string {
  if (!mapping) return 'unknown';
  return Object.hasOwn(codecNames, mapping.name) ? (codecNames[mapping.name] ?? mapping.name) : mapping.name;
}

/** RFC 6184, 8.1: parameter sets in Base64, separated by commas. */
function sizeFromParameterSets(media: Media): PictureSize | undefined {
  const sets = /(?:^|;)\s*sprop-parameter-sets=([A-Za-z0-9+/=,]+)/i.exec(attribute(media, 'fmtp') ?? '')?.[1];
  for (const set of (sets ?? '').split(',')) {
    const size = h264PictureSize(Buffer.from(set, 'base64'));
    if (size) return size;
  }
  return undefined;
}

/** The value of `a=NAME:PAYLOADTYPE VALUE` for the first payload type of the medium. */
function attribute(media: Media, name: string): string | undefined {
  const prefix = `${name}:${media.payloadType} `;
  return media.attributes
    .find((line) => line.startsWith(prefix))
    ?.slice(prefix.length)
    .trim();
}
