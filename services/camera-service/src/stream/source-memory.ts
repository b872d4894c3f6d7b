import type { SourceFacts } from '@camplane/camera-source/source-facts';
import type { StreamFailureKind } from '@camplane/contracts/camera-status';

/** Who opens the camera: FFmpeg, or a relay of ours that FFmpeg reads. */
export type Route = 'direct' | 'relay';

/** What earlier attempts taught about a source; kept until its configuration changes. */
export type SourceMemory = {
  /** `direct`: FFmpeg, or a relay where it cannot open the source. `relay`: a direct attempt failed. */
  route: Route;
  /**
   * For an attempt without DESCRIBE, because the camera still counted its connection when FFmpeg connected; null: the
   * attempt starts with DESCRIBE.
   */
  knownFacts: SourceFacts | null;
  /** False once an attempt with sound failed in a way that one without sound may not. */
  hasUsableSound: boolean;
};

/** How an attempt opened its source. */
export type SourceAttempt = {
  route: Route;
  /** With DESCRIBE; false: from the known facts. */
  isDescribed: boolean;
  facts: SourceFacts;
  audio: boolean;
  /** Why requested sound is left out, as a sentence; null if it is not, or the source has none. */
  missingSound: string | null;
  hadFrames: boolean;
};

export const nothingKnown: SourceMemory = { route: 'direct', knownFacts: null, hasUsableSound: true };

/** These say nothing about the camera. */
const ourFailures = new Set<StreamFailureKind>([
  'Killed',
  'MediaServerUnavailable',
  'ProgramMissing',
  'Internal',
]);

/** Sound that never comes, or that cannot be decoded. */
const soundFailures = new Set<StreamFailureKind>(['NoFirstFrame', 'UnsupportedCodec', 'InvalidData']);

/** What the failure of an attempt teaches. */
export function remember(
  memory: SourceMemory,
  attempt: SourceAttempt,
  failure: StreamFailureKind,
): SourceMemory {
  if (failure === 'ClockJumped') return { ...memory, route: 'relay' };
  if (attempt.hadFrames) return memory;
  // MediaMTX refuses tracks that differ from those of the known facts.
  if (ourFailures.has(failure)) return { ...memory, knownFacts: null };
  if (attempt.audio && soundFailures.has(failure)) return { ...memory, hasUsableSound: false };
  // Where FFmpeg cannot open the source, DESCRIBE leads to the relay again.
  if (attempt.route === 'relay') return { ...memory, route: 'direct' };
  if (failure === 'TooManyConnections') return { ...memory, knownFacts: attempt.facts };
  if (!attempt.isDescribed) return { ...memory, knownFacts: null };
  return { ...memory, route: 'relay', knownFacts: null };
}
