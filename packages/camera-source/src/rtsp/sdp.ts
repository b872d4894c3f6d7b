import { h264StreamFacts } from './h264-sps.ts';
import type { StreamFacts } from './h264-sps.ts';
import { h265StreamFacts } from './h265-sps.ts';

export type DescribedAudio = { codec: string; sampleRate: number; channels: number };

/** One `m=` section. */
export type DescribedMedia = {
  type: string;
  /** The first is used. */
  payloadTypes: number[];
  /** As in `a=rtpmap`, or by the static payload type; null if neither is known. */
  mapping: Mapping | null;
  /** Whether the description has no rtpmap where one is needed, and the mapping was derived from the parameters. */
  isMappingGuessed: boolean;
  /** Parameters of `a=fmtp` by lower-case name. */
  parameters: ReadonlyMap<string, string>;
  control: string | null;
  direction: string | null;
  fps: number | null;
};

export type SessionDescription = { control: string | null; media: DescribedMedia[] };

export type Mapping = { name: string; clockRate: number; channels: number };

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
const staticMappings: Readonly<Record<number, Mapping>> = {
  0: { name: 'pcmu', clockRate: 8000, channels: 1 },
  3: { name: 'gsm', clockRate: 8000, channels: 1 },
  8: { name: 'pcma', clockRate: 8000, channels: 1 },
  9: { name: 'g722', clockRate: 8000, channels: 1 },
  10: { name: 'l16', clockRate: 44_100, channels: 2 },
  11: { name: 'l16', clockRate: 44_100, channels: 1 },
  14: { name: 'mpa', clockRate: 90_000, channels: 1 },
  18: { name: 'g729', clockRate: 8000, channels: 1 },
  26: { name: 'jpeg', clockRate: 90_000, channels: 1 },
  31: { name: 'h261', clockRate: 90_000, channels: 1 },
  32: { name: 'mpv', clockRate: 90_000, channels: 1 },
  34: { name: 'h263', clockRate: 90_000, channels: 1 },
};

/**
 * The sections of a session description (RFC 8866); undefined if the text is not one. Deviations that cameras show are
 * accepted: blank lines, no `v=`, several blanks between words, white space around values.
 */
export function parseDescription(text: string): SessionDescription | undefined {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  if (!/^[vm]=/.test(lines.find((line) => line !== '') ?? '') && !lines.some((line) => isMedia.test(line))) {
    return undefined;
  }
  const session: string[] = [];
  const sections: { head: RegExpExecArray | null; attributes: string[] }[] = [];
  for (const line of lines) {
    if (/^m=/i.test(line)) sections.push({ head: isMedia.exec(line), attributes: [] });
    else if (/^a=/i.test(line)) (sections.at(-1)?.attributes ?? session).push(line.slice(2).trim());
  }
  return {
    control: valueOf(session, 'control'),
    media: sections.map(({ head, attributes }) => readMedia(head, attributes)),
  };
}

/** Type, port, protocol, payload types (RFC 8866, 5.14). */
const isMedia = /^m=\s*([a-z]+)\s+\S+\s+\S+((?:\s+\d{1,3})+)/i;

function readMedia(head: RegExpExecArray | null, attributes: readonly string[]): DescribedMedia {
  const type = head?.[1]?.toLowerCase() ?? 'unknown';
  const payloadTypes = (head?.[2] ?? '').trim().split(/\s+/).filter(Boolean).map(Number);
  const payloadType = payloadTypes[0] ?? -1;
  const parameters = parseParameters(valueFor(attributes, 'fmtp', payloadType));
  const stated =
    parseMapping(valueFor(attributes, 'rtpmap', payloadType)) ?? staticMappings[payloadType] ?? null;
  const fps = Number(valueOf(attributes, 'framerate') ?? valueOf(attributes, 'x-framerate') ?? NaN);
  return {
    type,
    payloadTypes,
    mapping: stated ?? guessMapping(parameters),
    isMappingGuessed: stated === null,
    parameters,
    control: valueOf(attributes, 'control'),
    direction:
      attributes.find((line) => /^(sendrecv|sendonly|recvonly|inactive)$/i.test(line))?.toLowerCase() ?? null,
    fps: fps > 0 && fps <= 240 ? fps : null,
  };
}

/** The value of `a=NAME:VALUE`. */
function valueOf(attributes: readonly string[], name: string): string | null {
  const prefix = `${name}:`;
  const line = attributes.find((text) => text.slice(0, prefix.length).toLowerCase() === prefix);
  return line?.slice(prefix.length).trim() ?? null;
}

/** The value of `a=NAME:PAYLOADTYPE VALUE`. */
function valueFor(attributes: readonly string[], name: string, payloadType: number): string | null {
  for (const line of attributes) {
    const found = /^([a-z-]+):\s*(\d{1,3})\s+(.*)$/i.exec(line);
    if (found?.[1]?.toLowerCase() === name && Number(found[2]) === payloadType)
      return found[3]?.trim() ?? null;
  }
  return null;
}

function parseMapping(text: string | null): Mapping | null {
  const found = /^([\w.-]{1,32})\s*\/\s*(\d{1,7})(?:\/(\d{1,2}))?/.exec(text ?? '');
  if (!found) return null;
  return {
    name: (found[1] ?? '').toLowerCase(),
    clockRate: Number(found[2]),
    channels: Math.max(1, Number(found[3] ?? 1)),
  };
}

function parseParameters(text: string | null): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of (text ?? '').split(';')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals < 0 ? undefined : equals).trim();
    if (name !== '') parameters.set(name.toLowerCase(), equals < 0 ? '' : part.slice(equals + 1).trim());
  }
  return parameters;
}

function guessMapping(parameters: ReadonlyMap<string, string>): Mapping | null {
  const video = { clockRate: 90_000, channels: 1 };
  if (parameters.has('sprop-parameter-sets') || parameters.has('packetization-mode')) {
    return { name: 'h264', ...video };
  }
  return parameters.has('sprop-sps') ? { name: 'h265', ...video } : null;
}

/** The video track to play. */
export function videoOf({ media }: SessionDescription): DescribedMedia | undefined {
  return media.find(({ type }) => type === 'video');
}

/** The sound track to play: not ONVIF's back channel to a loudspeaker (ONVIF Streaming Specification, 5.3). */
export function audioOf({ media }: SessionDescription): DescribedMedia | undefined {
  return media.find(
    ({ type, direction, mapping }) => type === 'audio' && direction !== 'sendonly' && mapping !== null,
  );
}

/**
 * Codec of a track: h264, h265, mjpeg, mpeg4, av1, vp8, vp9, aac, pcmu, pcma, opus …, else the lower-case name of its
 * payload format.
 */
export function codecOf({ mapping }: Pick<DescribedMedia, 'mapping'>): string {
  if (!mapping) return 'unknown';
  return Object.hasOwn(codecNames, mapping.name) ? (codecNames[mapping.name] ?? mapping.name) : mapping.name;
}

export function describeAudio(media: DescribedMedia): DescribedAudio | null {
  if (!media.mapping) return null;
  const codec = codecOf(media);
  // RFC 3551, 4.5.2: by a historical error, G.722 has half of its sampling rate.
  const sampleRate = codec === 'g722' ? 16_000 : media.mapping.clockRate;
  return { codec, sampleRate, channels: media.mapping.channels };
}

/** H.264 (RFC 6184, 8.1) and H.265 (RFC 7798, 7.1) parameter sets of the description, without broken ones. */
export function parameterSetsOf(media: DescribedMedia): Buffer[] {
  const names = ['sprop-vps', 'sprop-sps', 'sprop-pps', 'sprop-parameter-sets'];
  return names
    .flatMap((name) => (media.parameters.get(name) ?? '').split(','))
    .map((set) => Buffer.from(set.trim(), 'base64'))
    .filter((set) => set.length >= 3);
}

/** What the parameter sets in the description state; null if it has none that can be read. */
export function videoFactsOf(media: DescribedMedia): StreamFacts | null {
  const codec = codecOf(media);
  const read = codec === 'h264' ? h264StreamFacts : codec === 'h265' ? h265StreamFacts : undefined;
  for (const set of read ? parameterSetsOf(media) : []) {
    const facts = read?.(set);
    if (facts) return facts;
  }
  return null;
}
