import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cachedFile } from '../cached-file.ts';
import { runFfmpeg } from '../run-ffmpeg.ts';

export type SoundCodec = 'pcmu' | 'pcma' | 'g722' | 'l16' | 'aac' | 'opus' | 'unknown';

export type SoundRecipe = {
  codec: SoundCodec;
  /** Default: 8000, 16000 for G.722, 48000 for AAC and Opus. */
  sampleRate?: number;
  channels?: 1 | 2;
  /** Seconds since the camera's first PLAY in which sound is sent; default always, none: announced, never sent. */
  spans?: readonly (readonly [from: number, to: number])[];
  /** Omits `a=rtpmap`, which the static payload types do not need (RFC 3551). */
  withoutRtpmap?: boolean;
};

export type SoundPacket = { payload: Buffer; ticks: number };

/** A tone as RTP packets, which loop, and the lines of its session description. */
export type SoundClip = {
  packets: readonly SoundPacket[];
  clockRate: number;
  payloadType: number;
  attributes: readonly string[];
};

const seconds = 2;

/** Raw formats: FFmpeg's encoder and format, and the samples of a byte. */
const raw = {
  pcmu: ['pcm_mulaw', 'mulaw', 1],
  pcma: ['pcm_alaw', 'alaw', 1],
  g722: ['g722', 'g722', 2],
  l16: ['pcm_s16be', 's16be', 0.5],
  unknown: ['pcm_mulaw', 'mulaw', 1],
} as const;

export async function soundClip(recipe: SoundRecipe, cacheFolder: string): Promise<SoundClip> {
  const { codec, channels = 1 } = recipe;
  const sampleRate = recipe.sampleRate ?? { g722: 16_000, aac: 48_000, opus: 48_000 }[codec as 'aac'] ?? 8000;
  const source = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${sampleRate}`, '-t', String(seconds)];
  const common = [...source, '-ar', String(sampleRate), '-ac', String(channels)];
  const encode = async (...args: string[]) => {
    const key = createHash('sha256')
      .update(JSON.stringify([common, args]))
      .digest('hex')
      .slice(0, 20);
    const write = (partial: string) => runFfmpeg([...common, ...args, '-y', partial]);
    return readFile(await cachedFile(cacheFolder, `sound-${key}`, write));
  };
  const channelSuffix = channels === 1 ? '' : `/${channels}`;
  switch (codec) {
    case 'aac': {
      const { packets, config } = aacPackets(await encode('-c:a', 'aac', '-f', 'adts'));
      const parameters =
        'streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3';
      const attributes = [
        `a=rtpmap:97 MPEG4-GENERIC/${sampleRate}${channelSuffix}`,
        `a=fmtp:97 ${parameters};config=${config}`,
      ];
      return { packets, clockRate: sampleRate, payloadType: 97, attributes };
    }
    case 'opus': {
      const bytes = await encode('-c:a', 'libopus', '-frame_duration', '20', '-f', 'ogg');
      const packets = oggPackets(bytes)
        .slice(2)
        .map((payload) => ({ payload, ticks: 960 }));
      return { packets, clockRate: 48_000, payloadType: 97, attributes: ['a=rtpmap:97 opus/48000/2'] };
    }
    default: {
      const [encoder, format, samplesPerByte] = raw[codec];
      const bytes = await encode('-c:a', encoder, '-f', format);
      // RTP's clock of G.722 is 8 kHz, by an error of RFC 1890 that RFC 3551 keeps.
      const clockRate = codec === 'g722' ? 8000 : sampleRate;
      const ticks = clockRate / 50;
      const packetBytes = ((sampleRate / 50) * channels) / samplesPerByte;
      const packets = Array.from({ length: Math.floor(bytes.length / packetBytes) }, (_, index) => ({
        payload: bytes.subarray(index * packetBytes, (index + 1) * packetBytes),
        ticks,
      }));
      const isStatic = clockRate === 8000 && channels === 1 && codec !== 'l16' && codec !== 'unknown';
      const payloadType = isStatic ? { pcmu: 0, pcma: 8, g722: 9 }[codec] : 97;
      const name = codec === 'unknown' ? 'VND.CAMERA-VOICE' : codec.toUpperCase();
      const rtpmap = `a=rtpmap:${payloadType} ${name}/${clockRate}${channelSuffix}`;
      return { packets, clockRate, payloadType, attributes: recipe.withoutRtpmap === true ? [] : [rtpmap] };
    }
  }
}

/** AAC frames with one AU header each (RFC 3640, section 3.3.6), and the configuration in hexadecimal. */
function aacPackets(adts: Buffer): { packets: SoundPacket[]; config: string } {
  const packets: SoundPacket[] = [];
  const [, , third = 0, fourth = 0] = adts;
  const frequencyIndex = (third >> 2) & 15;
  const channels = ((third & 1) << 2) | (fourth >> 6);
  const config = (((third >> 6) + 1) << 11) | (frequencyIndex << 7) | (channels << 3);
  for (let at = 0; at + 7 <= adts.length;) {
    const length =
      (((adts[at + 3] ?? 0) & 3) << 11) | ((adts[at + 4] ?? 0) << 3) | ((adts[at + 5] ?? 0) >> 5);
    const frame = adts.subarray(at + 7, at + length);
    const head = Buffer.from([0, 16, (frame.length >> 5) & 0xff, (frame.length & 31) << 3]);
    packets.push({ payload: Buffer.concat([head, frame]), ticks: 1024 });
    at += Math.max(7, length);
  }
  return { packets, config: config.toString(16).padStart(4, '0') };
}

/** The packets of an Ogg stream (RFC 3533). */
function oggPackets(bytes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  let open: Buffer[] = [];
  for (let at = 0; at + 27 <= bytes.length;) {
    const count = bytes[at + 26] ?? 0;
    const sizes = bytes.subarray(at + 27, at + 27 + count);
    at += 27 + count;
    for (const size of sizes) {
      open.push(bytes.subarray(at, at + size));
      at += size;
      if (size === 255) continue;
      packets.push(Buffer.concat(open));
      open = [];
    }
  }
  return packets;
}
