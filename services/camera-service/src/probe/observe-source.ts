import { setTimeout as delay } from 'node:timers/promises';
import type { Credentials } from '@camplane/contracts/camera';
import type { ProbedSource } from '@camplane/contracts/camera-http';
import type { CameraSource } from '@camplane/contracts/source-url';
import { openHttpSource } from '@camplane/camera-source/http/open-http-source';
import type { OpenSource, SourceRelay } from '@camplane/camera-source/open-source';
import { createCameraResolver } from '@camplane/camera-source/network/camera-resolver';
import type { CameraNetworkPolicy, CameraResolver } from '@camplane/camera-source/network/camera-resolver';
import { openRtspSource } from '@camplane/camera-source/rtsp/open-rtsp-source';
import type { OpenRtspSource } from '@camplane/camera-source/rtsp/open-rtsp-source';
import type { SourceReport } from '@camplane/camera-source/source-report';
import { probeSource } from '@camplane/ffmpeg/probe';
import type { ProbeOptions, ProbeOutcome } from '@camplane/ffmpeg/probe';
import { monotonicClock } from '@camplane/runtime/clock';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { openDirectSource } from '../stream/direct-source.ts';

export type ObserveOptions = Pick<
  ProbeOptions,
  'ffmpegPath' | 'ffprobePath' | 'ffmpegLimits' | 'mediaFolder' | 'signal'
> & {
  source: CameraSource;
  networkPolicy: CameraNetworkPolicy;
  transport: 'tcp' | 'udp';
  credentials: Credentials | null;
};

type Probed = Extract<ProbeOutcome, { ok: true }>;

export type ObservedSource = {
  video: Probed['video'];
  audio: (NonNullable<Probed['audio']> & { isSent: boolean | null }) | null;
  source: ProbedSource;
  picture: Buffer | null;
  /** Why the video cannot be published as it is, as a sentence; null if it can. */
  copyRefusal: string | null;
};

const answerTimeoutMs = 15_000;
const probeTimeoutMs = 15_000;
/** For the key-frame interval and B-frames, once the stream plays. */
const observationMs = 6000;
const pollMs = 50;
/** Requests per second to an address that returns one picture. */
const snapshotFps = 2;
/** Of a camera's own picture, which is not scaled. */
const pictureMaxBytes = 2 * 1024 * 1024;

/**
 * Opens a source over one connection at a time and observes it for some seconds. Throws RunFailure with what the camera
 * answered, or the reason of the signal.
 */
export async function observeSource(options: ObserveOptions): Promise<ObservedSource> {
  const { source } = options;
  const resolver = createCameraResolver(options.networkPolicy);
  switch (source.kind) {
    case 'rtsp':
      return observeRtsp({ ...options, resolver, source });
    case 'http':
      return observeHttp({ ...options, resolver, source });
    case 'v4l2':
      return observeDirectly({ ...options, resolver }, 'device');
    case 'file':
    case 'test':
      return observeDirectly({ ...options, resolver }, source.kind);
  }
}

type ResolvedOptions = ObserveOptions & {
  resolver: CameraResolver;
  /** The address that has answered already. */
  address?: string;
};

async function observeRtsp(
  options: ResolvedOptions & { source: Extract<CameraSource, { kind: 'rtsp' }> },
): Promise<ObservedSource> {
  const startedMs = performance.now();
  const opened = await openRtspSource({ ...options, answerTimeoutMs });
  const described = descriptionOf(opened);
  if (options.transport === 'udp') {
    opened.close();
    const observed = await observeDirectly({ ...options, address: opened.address }, 'rtsp');
    return { ...observed, source: { ...observed.source, ...described } };
  }
  const relay = await openRelay(opened, options.signal);
  try {
    const [probed, report] = await Promise.all([
      probeThrough(relay, options, { picture: true }),
      observeRelay(relay, options.signal),
    ]);
    const { audio } = opened.details;
    return {
      video: videoWith(probed.video, relay, report),
      audio: audio && { ...audio, isSent: report.audioPackets > 0 },
      source: { ...described, ...measured(report, startedMs) },
      picture: probed.picture,
      copyRefusal: relay.facts.copyRefusal ?? null,
    };
  } finally {
    await relay.close();
  }
}

async function observeHttp(
  options: ResolvedOptions & { source: Extract<CameraSource, { kind: 'http' }> },
): Promise<ObservedSource> {
  const startedMs = performance.now();
  const opened = await openHttpSource({
    ...options,
    requestedFps: () => snapshotFps,
    timeoutMs: answerTimeoutMs,
    clock: monotonicClock,
    random: Math.random,
  });
  if (!('source' in opened)) return observeDirectly(options, opened.kind === 'hls' ? 'hls' : 'http');
  const firstPictureMs = Math.round(performance.now() - startedMs);
  const relay = await openRelay(opened.source, options.signal);
  try {
    const [probed, report] = await Promise.all([
      probeThrough(relay, options, { picture: false }),
      observeRelay(relay, options.signal),
    ]);
    const isSnapshot = opened.kind === 'jpeg';
    const kind = isSnapshot ? 'snapshot' : 'mjpeg';
    return {
      // The rate of an address with one picture is that of the requests.
      video: { ...videoWith(probed.video, relay, report), ...(isSnapshot ? { fps: null } : {}) },
      audio: null,
      source: { ...unknown, kind, intraRefresh: false, bitRateKbps: bitRateOf(report), firstPictureMs },
      picture: opened.picture.length <= pictureMaxBytes ? opened.picture : null,
      copyRefusal: relay.facts.copyRefusal ?? null,
    };
  } finally {
    await relay.close();
  }
}

async function openRelay(opened: OpenSource, signal: AbortSignal): Promise<SourceRelay> {
  try {
    return await opened.relay({ audio: true, onActivity: () => undefined, signal });
  } catch (error) {
    opened.close();
    throw error;
  }
}

function descriptionOf({ details }: OpenRtspSource): ProbedSource {
  return {
    ...unknown,
    kind: 'rtsp',
    login: details.login ?? 'none',
    tls: details.tls,
    tracks: details.tracks,
    answerMs: details.answerMs,
  };
}

const unknown = {
  login: null,
  tls: null,
  tracks: [],
  keyFrameIntervalS: null,
  intraRefresh: null,
  bitRateKbps: null,
  answerMs: null,
  firstPictureMs: null,
  firstKeyFrameMs: null,
};

/** FFmpeg reads the relay while the report grows. */
async function probeThrough(
  { url, format }: SourceRelay,
  { ffmpegPath, ffprobePath, ffmpegLimits, mediaFolder, signal }: ObserveOptions,
  { picture }: { picture: boolean },
): Promise<Probed> {
  return probe({
    picture,
    ...{ ffmpegPath, ffprobePath, ffmpegLimits, mediaFolder, signal },
    source: { kind: 'relay', url, format },
    gateway: null,
    transport: 'tcp',
    credentials: null,
  });
}

async function observeRelay(relay: SourceRelay, signal: AbortSignal): Promise<SourceReport> {
  const untilMs = performance.now() + observationMs;
  let ended: RunFailure | undefined;
  void relay.ended.then((failure) => (ended = failure));
  while (performance.now() < untilMs) {
    const report = relay.report();
    if (report.keyFrameIntervalMs !== null && report.hasBFrames !== null && report.fps !== null)
      return report;
    if (ended) throw ended;
    await delay(pollMs, undefined, { signal });
  }
  return relay.report();
}

function videoWith(
  video: Probed['video'],
  { facts }: SourceRelay,
  { fps, hasBFrames }: SourceReport,
): Probed['video'] {
  return {
    ...video,
    fps: fps ?? facts.fps ?? video.fps,
    hasBFrames: hasBFrames ?? facts.hasBFrames ?? video.hasBFrames,
  };
}

function measured(report: SourceReport, startedMs: number): Partial<ProbedSource> {
  const { firstPictureMs = null, firstKeyFrameMs = null, lastActivityMs, keyFrameIntervalMs } = report;
  const spanMs = (lastActivityMs ?? 0) - (firstPictureMs ?? 0);
  const since = (ms: number | null) => (ms === null ? null : Math.max(0, Math.round(ms - startedMs)));
  return {
    keyFrameIntervalS: keyFrameIntervalMs === null ? null : Math.round(keyFrameIntervalMs / 10) / 100,
    intraRefresh: report.pictures > 0 && report.keyFrames === 0,
    bitRateKbps: firstPictureMs === null || spanMs < 1000 ? null : Math.round((report.bytes * 8) / spanMs),
    firstPictureMs: since(firstPictureMs),
    firstKeyFrameMs: since(firstKeyFrameMs),
  };
}

/** From the mean size of a picture: the report does not say since when it counts. */
function bitRateOf({ bytes, pictures, fps }: SourceReport): number | null {
  return fps === null || pictures === 0 ? null : Math.round(((bytes / pictures) * fps * 8) / 1000);
}

async function observeDirectly(
  options: ResolvedOptions,
  kind: ProbedSource['kind'],
): Promise<ObservedSource> {
  const direct = await openDirectSource(options.source, options);
  try {
    const { source, gateway } = direct;
    const { video, audio, picture } = await probe({ ...options, source, gateway, picture: true });
    return {
      video,
      audio: audio && { ...audio, isSent: null },
      source: { ...unknown, kind },
      picture,
      copyRefusal: null,
    };
  } catch (error) {
    options.signal.throwIfAborted();
    throw direct.failure() ?? error;
  } finally {
    await direct.close();
  }
}

async function probe(options: Omit<ProbeOptions, 'timeoutMs'>): Promise<Probed> {
  const probed = await probeSource({ ...options, timeoutMs: probeTimeoutMs });
  if (!probed.ok) throw new RunFailure(probed.kind, probed.message);
  return probed;
}
