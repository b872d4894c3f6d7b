import { openHttpSource } from '@camplane/camera-source/http/open-http-source';
import { createCameraResolver } from '@camplane/camera-source/network/camera-resolver';
import type { CameraNetworkPolicy, CameraResolver } from '@camplane/camera-source/network/camera-resolver';
import type { OpenSource, SourceRelay } from '@camplane/camera-source/open-source';
import { openRtspSource } from '@camplane/camera-source/rtsp/open-rtsp-source';
import { probeSource } from '@camplane/ffmpeg/probe';
import type { ProbeOptions } from '@camplane/ffmpeg/probe';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { Clock } from '@camplane/runtime/clock';
import type { SourceFacts } from '@camplane/camera-source/source-facts';
import { openDirectSource } from './direct-source.ts';
import type { DirectSource } from './direct-source.ts';
import type { SourceAttempt, SourceMemory } from './source-memory.ts';
import type { StreamSettings } from './stream-settings.ts';

/** A source that is ready for FFmpeg: itself, or through its relay. */
export type OpenedStream = SourceAttempt &
  ({ relay: SourceRelay; direct: null } | { relay: null; direct: DirectSource });

export type OpenStreamOptions = Pick<
  ProbeOptions,
  'ffprobePath' | 'ffmpegPath' | 'ffmpegLimits' | 'mediaFolder' | 'signal'
> & {
  memory: SourceMemory;
  networkPolicy: CameraNetworkPolicy;
  /** Requests per second to an address that returns one picture. */
  framesFps(): number;
  clock: Clock;
  random(): number;
  onActivity(): void;
};

/** Some cameras take many seconds to answer. One that is off is noticed sooner, when connecting. */
const answerTimeoutMs = 20_000;
const probeTimeoutMs = 20_000;

/**
 * Opens a source and chooses its route: FFmpeg itself, which is cheaper, unless it cannot open the source, an earlier
 * attempt of it failed, or sound is requested, which a relay leaves out where none is sent. RTSP sources answer
 * DESCRIBE, and a relay continues on the same connection. The address is resolved once and checked. Throws RunFailure with what the camera answered.
 */
export async function openStream(
  settings: StreamSettings,
  options: OpenStreamOptions,
): Promise<OpenedStream> {
  const { memory, signal } = options;
  const resolver = createCameraResolver(options.networkPolicy);
  if (memory.knownFacts !== null) {
    const direct = await openDirectSource(settings.source, { resolver, signal });
    return { route: 'direct', isDescribed: false, facts: memory.knownFacts, ...untried, relay: null, direct };
  }
  const opened = await openCamera(settings, { ...options, resolver });
  if (opened === null) {
    const direct = await openDirectSource(settings.source, { resolver, signal });
    return attemptDirectly(await probeFacts(settings, direct, options), settings, direct);
  }
  options.onActivity();
  try {
    const audio = settings.audio && memory.hasUsableSound && opened.facts.hasAudio;
    if (!needsRelay(settings, memory, opened, audio)) {
      opened.close();
      const { address } = opened;
      const direct = await openDirectSource(settings.source, { resolver, address, signal });
      const isSized = settings.mode !== 'overlay' || opened.facts.width !== null;
      const facts = isSized ? opened.facts : await probeFacts(settings, direct, options);
      const missingSound = missingSoundOf(settings, memory, opened, null);
      return {
        ...attemptDirectly({ ...facts, hasAudio: facts.hasAudio && memory.hasUsableSound }, settings, direct),
        missingSound,
      };
    }
    const relay = await opened.relay({ audio, onActivity: options.onActivity, signal: options.signal });
    const facts = { ...relay.facts, hasAudio: relay.hasAudio };
    const missingSound = missingSoundOf(settings, memory, opened, relay);
    return {
      ...untried,
      route: 'relay',
      isDescribed: true,
      facts,
      audio: relay.hasAudio,
      missingSound,
      relay,
      direct: null,
    };
  } catch (error) {
    opened.close();
    throw error;
  }
}

const untried = { audio: false, missingSound: null, hadFrames: false };

/** Null: a source that only FFmpeg can open. */
async function openCamera(
  { source, credentials }: StreamSettings,
  { signal, clock, random, framesFps, resolver }: OpenStreamOptions & { resolver: CameraResolver },
): Promise<(OpenSource & { address?: string }) | null> {
  switch (source.kind) {
    case 'rtsp':
      return openRtspSource({ source, credentials, resolver, answerTimeoutMs, signal });
    case 'http': {
      const timeoutMs = answerTimeoutMs;
      const requestedFps = framesFps;
      const opened = await openHttpSource({
        ...{ source, credentials, resolver, requestedFps, timeoutMs, signal, clock, random },
      });
      return 'source' in opened ? opened.source : null;
    }
    default:
      return null;
  }
}

function needsRelay(
  { source, mode, transport }: StreamSettings,
  { route }: SourceMemory,
  { needsRelay: reason, facts }: OpenSource,
  audio: boolean,
): boolean {
  // A relay receives RTP over TCP.
  if (source.kind === 'rtsp' && transport === 'udp') return false;
  // Raw frames need an exact size, and not every description contains one.
  const isSizeMissing = mode === 'overlay' && facts.width === null;
  return reason !== null || route === 'relay' || audio || isSizeMissing;
}

function attemptDirectly(facts: SourceFacts, settings: StreamSettings, direct: DirectSource): OpenedStream {
  return {
    route: 'direct',
    isDescribed: true,
    facts,
    audio: settings.audio && facts.hasAudio,
    missingSound: null,
    hadFrames: false,
    relay: null,
    direct,
  };
}

function missingSoundOf(
  settings: StreamSettings,
  { hasUsableSound }: SourceMemory,
  { facts }: OpenSource,
  relay: SourceRelay | null,
): string | null {
  if (!settings.audio || !facts.hasAudio) return null;
  if (!hasUsableSound) return 'Its sound could not be read and is left out.';
  return relay?.hasAudio === false ? 'The camera announces sound, but sends none.' : null;
}

async function probeFacts(
  { transport, credentials }: StreamSettings,
  direct: DirectSource,
  options: OpenStreamOptions,
): Promise<SourceFacts> {
  const { source, gateway } = direct;
  const { ffprobePath, ffmpegPath, ffmpegLimits, mediaFolder, signal } = options;
  const probed = await probeSource({
    ...{
      source,
      gateway,
      transport,
      credentials,
      ffprobePath,
      ffmpegPath,
      ffmpegLimits,
      mediaFolder,
      signal,
    },
    timeoutMs: probeTimeoutMs,
    picture: false,
  }).catch(async (error: unknown) => {
    await direct.close();
    throw error;
  });
  if (!probed.ok) {
    await direct.close();
    throw direct.failure() ?? new RunFailure(probed.kind, probed.message);
  }
  const { codec, width, height, fps, hasBFrames } = probed.video;
  return { codec, width, height, fps, hasBFrames, hasAudio: probed.audio !== null };
}
