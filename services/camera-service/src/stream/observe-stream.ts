import type { SupervisorView } from '@camplane/supervisor/supervise';
import type { StreamFacts } from '../status/stream-facts.ts';
import type { StreamState } from './stream-machine.ts';
import { hasDemand } from './viewer-demand.ts';

/** What is reported about a stream. `fps` is measured, null until it is known. */
export function observeStream(
  { settings, plan, video, demand, ...state }: StreamState,
  { run, fps, nowMs }: { run: SupervisorView; fps: number | null; nowMs: number },
): StreamFacts {
  return {
    enabled: settings.lifecycle !== 'Never',
    onDemand: settings.lifecycle === 'OnDemand',
    hasDemand: hasDemand(demand, nowMs),
    mediaServerUp: state.mediaServerUp,
    announced: state.pathAccepted || state.pathListed,
    generation: settings.generation,
    // A test pattern is encoded in every mode.
    mode: settings.mode === 'copy' && settings.source.kind === 'test' ? 'transcode' : settings.mode,
    run,
    source: plan ? { codec: plan.source.codec, hasBFrames: plan.source.hasBFrames } : null,
    missingSound: state.attempt?.missingSound ?? null,
    video: video ? { ...video, fps: fps ?? video.fps } : null,
  };
}
