import type { Transport } from './player-machine.ts';

/** Null: the browser does not report it. */
export type MediaStats = {
  transport: Transport;
  /** Estimated delay from the media server to the screen. Excludes the camera's. */
  latencyMs: number | null;
  codec: string | null;
  width: number | null;
  height: number | null;
  bitrateKbps: number | null;
  jitterBufferMs: number | null;
  roundTripMs: number | null;
  packetsLost: number | null;
  /** `UDP`, `TCP`, `relayed UDP` or `relayed TCP`. */
  route: string | null;
};

/** One reading; figures come from the difference between two. */
export type WebrtcCounters = {
  atMs: number;
  bytes: number;
  jitterBufferSeconds: number;
  jitterBufferFrames: number;
  decodeSeconds: number;
  decodedFrames: number;
};

type Report = Record<string, unknown> & { type: string };

/**
 * Reads WebRTC statistics (W3C "Identifiers for WebRTC's Statistics API"). The delay is jitter buffer and decoder time
 * per frame since the last reading, plus half the round trip.
 */
export function readWebrtcStats(
  reports: Iterable<unknown>,
  before: WebrtcCounters | null,
  nowMs: number,
): { stats: MediaStats; counters: WebrtcCounters } {
  const all = [...reports].filter(isReport);
  const video = all.find((report) => report.type === 'inbound-rtp' && report['kind'] === 'video');
  const counters: WebrtcCounters = {
    atMs: nowMs,
    bytes: numberOf(video, 'bytesReceived') ?? 0,
    jitterBufferSeconds: numberOf(video, 'jitterBufferDelay') ?? 0,
    jitterBufferFrames: numberOf(video, 'jitterBufferEmittedCount') ?? 0,
    decodeSeconds: numberOf(video, 'totalDecodeTime') ?? 0,
    decodedFrames: numberOf(video, 'framesDecoded') ?? 0,
  };
  const since = before ?? { ...counters, atMs: nowMs, bytes: counters.bytes, ...zeroTimes };
  const jitterBufferMs = perFrameMs(
    counters.jitterBufferSeconds - since.jitterBufferSeconds,
    counters.jitterBufferFrames - since.jitterBufferFrames,
  );
  const decodeMs = perFrameMs(
    counters.decodeSeconds - since.decodeSeconds,
    counters.decodedFrames - since.decodedFrames,
  );
  const pair = selectedPair(all);
  const roundTripSeconds = numberOf(pair, 'currentRoundTripTime');
  const roundTripMs = roundTripSeconds === null ? null : roundTripSeconds * 1000;
  const elapsedMs = nowMs - since.atMs;
  return {
    counters,
    stats: {
      transport: 'webrtc',
      latencyMs: jitterBufferMs === null ? null : jitterBufferMs + (decodeMs ?? 0) + (roundTripMs ?? 0) / 2,
      codec: codecName(textOf(byId(all, textOf(video, 'codecId')), 'mimeType')),
      width: numberOf(video, 'frameWidth'),
      height: numberOf(video, 'frameHeight'),
      bitrateKbps: elapsedMs > 0 ? ((counters.bytes - since.bytes) * 8) / elapsedMs : null,
      jitterBufferMs,
      roundTripMs,
      packetsLost: numberOf(video, 'packetsLost'),
      route: routeOf(byId(all, textOf(pair, 'localCandidateId'))),
    },
  };
}

/** The usual name of a codec, from a MIME type (`video/H264`) or an RFC 6381 string (`avc1.64001f`). */
export function codecName(text: string | null): string | null {
  if (text === null || text === '') return null;
  const plain = text.replace(/^(video|audio)\//i, '');
  const known: [RegExp, string][] = [
    [/^(avc[13]|h264)/i, 'H.264'],
    [/^(hvc1|hev1|h265|hevc)/i, 'H.265'],
    [/^(av01|av1)/i, 'AV1'],
    [/^(vp09|vp9)/i, 'VP9'],
    [/^(vp08|vp8)/i, 'VP8'],
    [/^(mjpe?g|jpeg)/i, 'MJPEG'],
  ];
  return known.find(([pattern]) => pattern.test(plain))?.[1] ?? plain;
}

const zeroTimes = { jitterBufferSeconds: 0, jitterBufferFrames: 0, decodeSeconds: 0, decodedFrames: 0 };

function selectedPair(all: Report[]): Report | undefined {
  const transport = all.find((report) => report.type === 'transport');
  const selected = byId(all, textOf(transport, 'selectedCandidatePairId'));
  // Firefox has no selectedCandidatePairId.
  return selected ?? all.find((report) => report.type === 'candidate-pair' && report['nominated'] === true);
}

function routeOf(candidate: Report | undefined): string | null {
  const protocol = textOf(candidate, 'protocol');
  if (protocol === null) return null;
  return `${textOf(candidate, 'candidateType') === 'relay' ? 'relayed ' : ''}${protocol.toUpperCase()}`;
}

function perFrameMs(seconds: number, frames: number): number | null {
  return frames > 0 ? (seconds / frames) * 1000 : null;
}

function byId(all: Report[], id: string | null): Report | undefined {
  return id === null ? undefined : all.find((report) => report['id'] === id);
}

function numberOf(report: Report | undefined, key: string): number | null {
  const value = report?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function textOf(report: Report | undefined, key: string): string | null {
  const value = report?.[key];
  return typeof value === 'string' ? value : null;
}

function isReport(value: unknown): value is Report {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}
