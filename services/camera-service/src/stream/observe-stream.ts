import type { SupervisorView } from '@camplane/supervisor/supervise';
import type { PathReading, Published } from '../sample/path-reading.ts';
import type { StreamFacts } from '../status/stream-facts.ts';
import type { StreamState } from './stream-machine.ts';
import { hasDemand } from './viewer-demand.ts';

/** What is reported about a stream. `fps` is measured, null until it is known. */
export function observeStream(
  { settings, plan, video, demand, ...state }: StreamState,
  {
    fps,
    nowMs,
    ...observed
  }: {
    run: SupervisorView;
    fps: number | null;
    reading: PathReading;
    tapFailure: SupervisorView['failure'];
    nowMs: number;
  },
): StreamFacts {
  return {
    enabled: settings.lifecycle !== 'Never',
    onDemand: settings.lifecycle === 'OnDemand',
    hasDemand: hasDemand(demand, nowMs),
    mediaServerUp: state.mediaServerUp,
    announced: state.pathAccepted || state.pathListed,
    generation: settings.generation,
    mode: effectiveMode(settings),
    ...observed,
    source: plan ? { codec: plan.source.codec, hasBFrames: plan.source.hasBFrames } : null,
    missingSound: state.attempt?.missingSound ?? null,
    video: video ? { ...video, fps: fps ?? video.fps } : null,
  };
}

/** How the video is published, as its sampler needs to know. */
export function publishedBy({ settings, plan, requestedFrames }: StreamState): Published {
  const { width = null, height = null } = plan?.source ?? {};
  return {
    codec: plan?.codec ?? 'h264',
    size: width === null || height === null ? null : { width, height },
    isCopied: effectiveMode(settings) === 'copy',
    hasFrames: requestedFrames !== null,
    hasSound: plan?.audio === true,
  };
}

/** A test pattern is encoded in every mode. */
function effectiveMode({ mode, source }: StreamState['settings']): StreamFacts['mode'] {
  return mode === 'copy' && source.kind === 'test' ? 'transcode' : mode;
}
