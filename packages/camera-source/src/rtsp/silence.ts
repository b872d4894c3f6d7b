import { codecOf } from './sdp.ts';
import type { DescribedMedia } from './sdp.ts';

/** Silence as the payload of an RTP packet, and its length in ticks of the track's clock. */
export type Silence = { payload: Buffer; ticks: number };

/** Null for a codec whose silence is not known. */
export function silenceOf(media: DescribedMedia): Silence | null {
  const { clockRate = 8000, channels = 1 } = media.mapping ?? {};
  const ticks = Math.round(clockRate / 50);
  switch (codecOf(media)) {
    case 'pcmu':
      return { payload: Buffer.alloc(ticks * channels, 0xff), ticks };
    case 'pcma':
      return { payload: Buffer.alloc(ticks * channels, 0xd5), ticks };
    case 'l16':
      return { payload: Buffer.alloc(ticks * channels * 2), ticks };
    case 'g722':
      // One byte a tick: the clock of G.722 has half of its sampling rate (RFC 3551, 4.5.2).
      return { payload: Buffer.alloc(ticks * channels, 0xfa), ticks };
    case 'opus':
      // A frame of 20 ms that continues the silence (RFC 6716, 3.1).
      return { payload: Buffer.from([0xf8, 0xff, 0xfe]), ticks };
    case 'aac':
      return aacSilence(media, channels);
    default:
      return null;
  }
}

/** What FFmpeg's AAC-LC encoder makes of silence. */
const aacFrames: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('01182007', 'hex'),
  2: Buffer.from('211004608c1c', 'hex'),
};

function aacSilence({ parameters }: DescribedMedia, channels: number): Silence | null {
  const frame = aacFrames[channels];
  // One AU header of 13 + 3 bits (RFC 3640, 3.3.6).
  const isUsual = parameters.get('sizelength') === '13' && parameters.get('indexlength') === '3';
  if (!frame || !isUsual) return null;
  const header = Buffer.from([0, 16, 0, 0]);
  header.writeUInt16BE(frame.length << 3, 2);
  return { payload: Buffer.concat([header, frame]), ticks: 1024 };
}
