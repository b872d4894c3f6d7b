import type { Condition } from '@camplane/contracts/camera-status';
import { phaseOf } from './phase.ts';
import type { StreamFacts } from './stream-facts.ts';

/** A condition as observed now, without the time of its last transition. */
export type ObservedCondition = Omit<Condition, 'lastTransitionTime'>;

/** Failures in which the camera responded: it is connected, but sends no video. */
const connectedFailures = new Set(['NoVideo', 'NoFirstFrame', 'Stalled', 'UnsupportedCodec', 'InvalidData']);

export function observeConditions(facts: StreamFacts): ObservedCondition[] {
  return [ready(facts), connected(facts), framesFlowing(facts), browserPlayable(facts)];
}

function ready(facts: StreamFacts): ObservedCondition {
  const { phase, reason, message } = phaseOf(facts);
  const isReady = phase === 'RUNNING' || phase === 'IDLE';
  return condition(facts, 'Ready', isReady ? 'True' : 'False', reason, message);
}

function connected(facts: StreamFacts): ObservedCondition {
  const { run } = facts;
  if (run.phase === 'running')
    return condition(facts, 'Connected', 'True', 'Connected', 'The camera sends video.');
  if (run.failure) {
    const answered = connectedFailures.has(run.failure.kind);
    return condition(facts, 'Connected', answered ? 'True' : 'False', run.failure.kind, run.failure.message);
  }
  return condition(
    facts,
    'Connected',
    'Unknown',
    'NotTried',
    'No connection to the camera was attempted yet.',
  );
}

function framesFlowing(facts: StreamFacts): ObservedCondition {
  const { run } = facts;
  if (run.phase === 'running') {
    return condition(facts, 'FramesFlowing', 'True', 'FramesFlowing', 'New video frames are arriving.');
  }
  const reason = run.failure?.kind ?? (facts.hasDemand ? 'Connecting' : 'NotWanted');
  return condition(
    facts,
    'FramesFlowing',
    'False',
    reason,
    run.failure?.message ?? 'No video frames are arriving.',
  );
}

/** Codecs that browsers play over WebRTC (H.264 everywhere; VP8, VP9 and AV1 in most). */
const browserCodecs = new Set(['h264', 'vp8', 'vp9', 'av1']);

function browserPlayable(facts: StreamFacts): ObservedCondition {
  const type = 'BrowserPlayable';
  if (facts.mode !== 'copy') {
    return condition(
      facts,
      type,
      'True',
      'Encoded',
      'The stream is encoded to H.264 without B-frames, which browsers play.',
    );
  }
  if (!facts.source) return condition(facts, type, 'Unknown', 'NotProbed', 'The source was not probed yet.');
  const { codec, hasBFrames } = facts.source;
  if (!browserCodecs.has(codec)) {
    return condition(
      facts,
      type,
      'False',
      'CodecNotPlayable',
      `The camera sends ${codecName(codec)}, which browsers do not play over WebRTC. Choose mode transcode, or H.264 in the camera.`,
    );
  }
  if (hasBFrames === true) {
    return condition(
      facts,
      type,
      'False',
      'BFrames',
      'The camera sends B-frames, which WebRTC does not support. Choose mode transcode, or turn B-frames off in the camera.',
    );
  }
  return condition(
    facts,
    type,
    'True',
    'CodecPlayable',
    `The camera sends ${codecName(codec)}, which browsers play.`,
  );
}

export function codecName(codec: string): string {
  const names: Record<string, string> = {
    h264: 'H.264',
    h265: 'H.265',
    mjpeg: 'MJPEG',
    mpeg4: 'MPEG-4',
    vp8: 'VP8',
    vp9: 'VP9',
    av1: 'AV1',
  };
  return names[codec] ?? codec;
}

function condition(
  facts: StreamFacts,
  type: Condition['type'],
  status: Condition['status'],
  reason: string,
  message: string,
): ObservedCondition {
  return { type, status, reason, message: message.slice(0, 1024), observedGeneration: facts.generation };
}
