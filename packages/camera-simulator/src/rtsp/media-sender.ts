import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RtspDeviation } from './deviation.ts';
import { videoPayloads } from './rtp-payloads.ts';
import type { SoundClip } from './sound.ts';
import type { VideoClip } from './video-clip.ts';

/** Times of a camera that all its connections share, in ms of `performance.now()`. */
export type CameraClock = { startedMs: number; firstPlayMs: number | null };

export type Channel = { rtp(packet: Buffer): void; rtcp(packet: Buffer): void };

export type MediaSenderOptions = {
  deviation: RtspDeviation;
  video: VideoClip;
  sound: SoundClip | null;
  soundPayloadType: number;
  videoPayloadType: number;
  clock: CameraClock;
  /** Null: the client did not set up this track. */
  videoChannel: Channel | null;
  soundChannel: Channel | null;
  /** Bytes outside any packet. */
  garbage(bytes: Buffer): void;
  signal: AbortSignal;
};

const reportEveryMs = 5000;
const soundEveryMs = 40;

/** Sends the camera's media until the signal aborts. */
export async function sendMedia(options: MediaSenderOptions): Promise<void> {
  const { clock } = options;
  clock.firstPlayMs ??= performance.now();
  const firstMs = (options.deviation.pace?.firstPictureSeconds ?? 0) * 1000;
  await delay(firstMs, undefined, { signal: options.signal });
  await Promise.all([sendVideo(options), sendSound(options), sendReports(options)]);
}

async function sendVideo(options: MediaSenderOptions): Promise<void> {
  const { deviation, video, clock, videoChannel: channel, signal } = options;
  const { pace = {}, transport = {}, stamps = {} } = deviation;
  if (channel === null || pace.silent === true) return;
  const rtp = createPackets(options.videoPayloadType, 1);
  const playMs = performance.now();
  const intervalMs = 1000 / video.fps;
  const keyEvery = Math.max(1, Math.round(video.fps * video.keyFrameSeconds));
  const running = Math.ceil((playMs - clock.startedMs) / intervalMs);
  let index = pace.joinsAfterKeyFrame === true ? running - (running % keyEvery) + 1 : running;
  let dueMs = playMs;
  for (let sent = 0; ; index += 1) {
    const frozenMs = pace.freeze === undefined ? 0 : frozenAt(pace.freeze, sinceFirstPlay(clock, dueMs));
    dueMs += frozenMs + intervalMs * slowness(pace.variesEverySeconds, sinceFirstPlay(clock, dueMs));
    const sendMs = pace.burstSeconds === undefined ? dueMs : nextBurst(dueMs, pace.burstSeconds);
    const waitMs = sendMs - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal });
    signal.throwIfAborted();
    const picture = video.pictures[index % video.pictures.length];
    if (picture === undefined) continue;
    if (transport.garbageEvery !== undefined && sent % transport.garbageEvery === 1)
      options.garbage(randomBytes(61));
    const stamp = stampAt(deviation, 90_000, clock, dueMs);
    const payloads = videoPayloads(video.codec, picture, transport.aggregates);
    payloads.forEach((payload, place) => {
      const isLast = place === payloads.length - 1;
      const packet = rtp(payload, stamp, isLast && stamps.withoutMarkers !== true);
      const isLost = transport.dropsPacketEvery !== undefined && sent % transport.dropsPacketEvery === 5;
      if (!(isLost && isLast && !picture.isKey)) channel.rtp(packet);
    });
    sent += 1;
  }
}

async function sendSound(options: MediaSenderOptions): Promise<void> {
  const { deviation, sound, clock, soundChannel: channel, signal } = options;
  if (sound === null || channel === null) return;
  const spans = deviation.sound?.spans ?? [[0, Infinity]];
  const rtp = createPackets(options.soundPayloadType, 2);
  let dueMs = performance.now();
  for (let index = 0; ;) {
    await delay(soundEveryMs, undefined, { signal });
    while (dueMs <= performance.now()) {
      const packet = sound.packets[index % sound.packets.length];
      if (packet === undefined) return;
      index += 1;
      dueMs += (packet.ticks * 1000) / sound.clockRate;
      const at = sinceFirstPlay(clock, dueMs) / 1000;
      if (!spans.some(([from, to]) => at >= from && at < to)) continue;
      channel.rtp(rtp(packet.payload, stampAt(deviation, sound.clockRate, clock, dueMs), false));
    }
  }
}

/** Sender reports (RFC 3550, section 6.4.1), and BYE. */
async function sendReports(options: MediaSenderOptions): Promise<void> {
  const { deviation, sound, clock, signal } = options;
  const { none = false, byeAfterSeconds, wildClock = false } = deviation.rtcp ?? {};
  const senders = [
    { channel: options.videoChannel, clockRate: 90_000, ssrc: 1 },
    { channel: options.soundChannel, clockRate: sound?.clockRate ?? 8000, ssrc: 2 },
  ];
  if (none) return;
  for (let reports = 0; ; reports += 1) {
    const nowMs = performance.now();
    for (const { channel, clockRate, ssrc } of senders) {
      // A camera whose clock was never set, and then jumps by years.
      const wall = wildClock ? reports * 1e11 : Date.now();
      channel?.rtcp(senderReport(ssrc, wall, stampAt(deviation, clockRate, clock, nowMs)));
    }
    if (byeAfterSeconds !== undefined && sinceFirstPlay(clock, nowMs) >= byeAfterSeconds * 1000) {
      for (const { channel, ssrc } of senders) channel?.rtcp(Buffer.from([0x81, 203, 0, 1, 0, 0, 0, ssrc]));
      return;
    }
    await delay(byeAfterSeconds === undefined ? reportEveryMs : 1000, undefined, { signal });
  }
}

function senderReport(ssrc: number, wallMs: number, stamp: number): Buffer {
  const report = Buffer.alloc(28);
  report.set([0x80, 200, 0, 6], 0);
  report.writeUInt32BE(ssrc, 4);
  report.writeUInt32BE((Math.floor(wallMs / 1000) + 2_208_988_800) % 2 ** 32, 8);
  report.writeUInt32BE(Math.floor(((wallMs % 1000) / 1000) * 2 ** 32), 12);
  report.writeUInt32BE(stamp, 16);
  return report;
}

/** The RTP timestamp of a time. */
function stampAt(deviation: RtspDeviation, clockRate: number, clock: CameraClock, atMs: number): number {
  const { start = 123_456, jumps = [], drift = 1, constant = false, jitterMs = 0 } = deviation.stamps ?? {};
  if (constant) return start;
  const elapsedSeconds = sinceFirstPlay(clock, atMs) / 1000;
  const jumped = jumps
    .filter(({ afterSeconds }) => elapsedSeconds >= afterSeconds)
    .reduce((sum, { bySeconds }) => sum + bySeconds, 0);
  const noise = jitterMs * Math.sin(elapsedSeconds * 1000) * 0.001;
  const ticks = Math.round(start + (elapsedSeconds * drift + jumped + noise) * clockRate);
  return ((ticks % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

function createPackets(payloadType: number, ssrc: number) {
  let sequence = 1000;
  return (payload: Buffer, stamp: number, isMarked: boolean): Buffer => {
    const head = Buffer.alloc(12);
    sequence = (sequence + 1) & 0xffff;
    head.set([0x80, payloadType | (isMarked ? 0x80 : 0)], 0);
    head.writeUInt16BE(sequence, 2);
    head.writeUInt32BE(stamp, 4);
    head.writeUInt32BE(ssrc, 8);
    return Buffer.concat([head, payload]);
  };
}

function sinceFirstPlay(clock: CameraClock, atMs: number): number {
  return atMs - (clock.firstPlayMs ?? atMs);
}

/** How long the camera still freezes at that time. */
function frozenAt(
  { atSeconds, forSeconds }: { atSeconds: number; forSeconds: number },
  sinceMs: number,
): number {
  const endMs = (atSeconds + forSeconds) * 1000;
  return sinceMs >= atSeconds * 1000 && sinceMs < endMs ? endMs - sinceMs : 0;
}

function slowness(everySeconds: number | undefined, sinceMs: number): number {
  if (everySeconds === undefined) return 1;
  return Math.floor(sinceMs / 1000 / everySeconds) % 2 === 0 ? 1 : 3;
}

function nextBurst(dueMs: number, burstSeconds: number): number {
  return Math.ceil(dueMs / 1000 / burstSeconds) * burstSeconds * 1000;
}
