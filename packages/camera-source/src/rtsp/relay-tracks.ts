import type { SourceReport } from '../source-report.ts';
import type { TrackChannels } from './camera-playback.ts';
import type { RelayOutput } from './relay-output.ts';
import { createTrack, interleavedHeaderBytes, rewrite, ssrcOf } from './relay-track.ts';
import type { RelayTrack } from './relay-track.ts';
import type { FrameReceiver } from './rtsp-connection.ts';
import { createVideoObserver } from './rtp-observer.ts';
import type { VideoObserver } from './rtp-observer.ts';
import { parseRtcp, parseRtp } from './rtp-packet.ts';
import { codecOf } from './sdp.ts';
import type { DescribedMedia } from './sdp.ts';
import { createSenderReportFilter } from './sender-reports.ts';
import { createSilenceFiller } from './silence-filler.ts';

/** Where FFmpeg may start: at key frames alone, also at recovery points (intra refresh), or at any picture. */
export type EntryPoints = 'key frames' | 'recovery points' | 'any picture';

export type RelayTracks = FrameReceiver & {
  readonly observer: VideoObserver;
  readonly firstPictureMs: number | null;
  setEntryPoints(points: EntryPoints): void;
  dropAudio(): void;
  /** Sends silence where sound has stopped; called repeatedly. */
  fillPauses(): void;
  report(): SourceReport;
};

/**
 * Takes the frames of a playing camera, rewrites their headers for FFmpeg (channel, sequence number, timestamp, source)
 * and passes them on. Sender reports are passed on until they disagree or a timestamp jumps.
 */
export function createRelayTracks(options: {
  video: DescribedMedia;
  videoChannels: TrackChannels;
  audio: DescribedMedia | null;
  audioChannels: TrackChannels | null;
  /** Whether the description allows pictures out of order. */
  mayReorder: boolean;
  output: RelayOutput;
  now: () => number;
  /** Once per read that brought frames. */
  onRead(nowMs: number): void;
  /** RTCP BYE of the video. */
  onGoodbye(): void;
}): RelayTracks {
  const { output, audio } = options;
  const observer = createVideoObserver(codecOf(options.video));
  const video = createTrack(options.video, true);
  const sound = audio && options.audioChannels ? createTrack(audio, false) : undefined;
  const rtpChannels = new Map([[options.videoChannels.rtp, video]]);
  const rtcpChannels = new Map([[options.videoChannels.rtcp, video]]);
  if (sound && options.audioChannels && !rtpChannels.has(options.audioChannels.rtp)) {
    rtpChannels.set(options.audioChannels.rtp, sound);
    rtcpChannels.set(options.audioChannels.rtcp, sound);
  }
  const isShared = sound !== undefined && rtpChannels.size === 1;
  const filler = sound ? createSilenceFiller(sound, output) : null;
  const reports = createSenderReportFilter();
  let entryPoints: EntryPoints = 'key frames';
  let isAudioDropped = false;
  let bytes = 0;
  let audioPackets = 0;
  let firstPictureMs: number | null = null;
  let lastActivityMs: number | null = null;
  /** The time of the current read; null before its first frame. */
  let nowMs: number | null = null;

  function onFrame(channel: number, data: Buffer, start: number, end: number): void {
    nowMs ??= options.now();
    bytes += end - start;
    const reporting = rtcpChannels.get(channel);
    if (reporting) return onRtcp(reporting, data, start, end);
    const packet = parseRtp(data, start + interleavedHeaderBytes, end);
    if (!packet) return;
    const track = trackOf(channel, packet.payloadType);
    if (!track) return;
    const [payloadType = 96] = track.media.payloadTypes;
    // Another format of the track, such as comfort noise.
    if (packet.payloadType !== payloadType && track.media.payloadTypes.includes(packet.payloadType)) return;
    lastActivityMs = nowMs;
    track.lastTimestamp = packet.timestamp;
    const frame = { data, start, end };
    if (track.isVideo) {
      const seen = observer.observe(data, packet, nowMs);
      firstPictureMs ??= nowMs;
      const { startsUnit } = seen;
      const isReordered = options.mayReorder && observer.hasBFrames !== false;
      const timestamp = track.smoother.smooth(packet.timestamp, nowMs, { startsUnit, isReordered });
      rewrite(track, frame, packet.marker, timestamp);
      const isEntry =
        seen.isKeyFrame ||
        (entryPoints !== 'key frames' && seen.isRecoveryPoint) ||
        (entryPoints === 'any picture' && startsUnit);
      output.video(frame, { startsUnit, isEntry });
    } else {
      audioPackets += 1;
      const timestamp = track.smoother.smooth(packet.timestamp, nowMs, {
        startsUnit: true,
        isReordered: false,
      });
      const sent = filler ? filler.received(timestamp, nowMs) : timestamp;
      if (isAudioDropped || sent === null) return;
      rewrite(track, frame, packet.marker, sent);
      output.other(frame);
    }
  }

  /** By its channel; by its payload type if the camera uses one channel for two tracks, or one it did not announce. */
  function trackOf(channel: number, payloadType: number): RelayTrack | undefined {
    const track = rtpChannels.get(channel);
    if (track && !isShared) return track;
    return [video, sound].find((candidate) => candidate?.media.payloadTypes.includes(payloadType)) ?? track;
  }

  function onRtcp(track: RelayTrack, data: Buffer, start: number, end: number): void {
    const { report, hasBye } = parseRtcp(data, start + interleavedHeaderBytes, end);
    if (hasBye && track.isVideo) options.onGoodbye();
    if (!report || hasBye || isAudioDropped || jumps() > 0 || track.lastTimestamp === undefined) return;
    const { lastTimestamp, clockRate } = track;
    const kind = track.isVideo ? 'video' : 'audio';
    if (!reports.accept(kind, { ...report, lastTimestamp, clockRate })) return;
    data[start + 1] = track.outChannel + 1;
    data.writeUInt32BE(ssrcOf(track), start + 8);
    output.other({ data, start, end });
  }

  const jumps = () => video.smoother.jumps + (sound?.smoother.jumps ?? 0);

  return {
    onFrame,
    onReadEnd: () => {
      output.flush();
      if (nowMs !== null) options.onRead(nowMs);
      nowMs = null;
    },
    observer,
    get firstPictureMs() {
      return firstPictureMs;
    },
    setEntryPoints: (points) => {
      entryPoints = points;
    },
    dropAudio: () => {
      isAudioDropped = true;
    },
    fillPauses: () => {
      if (!isAudioDropped) filler?.fill(options.now());
    },
    report: () => ({ ...observer.report(), bytes, lastActivityMs, audioPackets, timestampJumps: jumps() }),
  };
}
