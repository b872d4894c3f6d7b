import type { Condition } from '@camplane/contracts/camera-status';
import { browserPlayable } from './browser-playable.ts';
import type { CameraFacts } from './camera-facts.ts';
import { framesDelivered } from './frames-delivered.ts';
import { phaseOf } from './phase.ts';
import type { StreamFacts } from './stream-facts.ts';
import { subStreamReady } from './sub-stream-ready.ts';
import { notLive } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** A condition as observed now, without the time of its last transition. */
export type ObservedCondition = Omit<Condition, 'lastTransitionTime'>;

/** Failures in which the camera responded: it is connected, but sends no video. */
const connectedFailures = new Set([
  'NoVideo',
  'Stalled',
  'UnsupportedCodec',
  'InvalidData',
  'ProcessorLimitExceeded',
]);
/** Failures that leave open whether the camera accepted the connection. */
const silentFailures = new Set([
  'NoFirstFrame',
  'Killed',
  'MediaServerUnavailable',
  'ProgramMissing',
  'Internal',
]);

/** `FramesDelivered` and `SubStreamReady` are absent if detection is off, or no sub stream is configured. */
export function observeConditions(facts: CameraFacts): ObservedCondition[] {
  const { main, detection, sub } = facts;
  const verdicts: [Condition['type'], Verdict | null][] = [
    ['Ready', ready(main)],
    ['Connected', connected(main)],
    ['FramesFlowing', framesFlowing(main)],
    ['Readable', readable(main)],
    ['FramesDelivered', detection && framesDelivered(main, detection, facts.nowMs)],
    ['BrowserPlayable', browserPlayable(main)],
    ['SubStreamReady', sub && subStreamReady(sub)],
  ];
  return verdicts.flatMap(([type, verdict]) =>
    verdict === null
      ? []
      : [{ type, ...verdict, message: verdict.message.slice(0, 1024), observedGeneration: main.generation }],
  );
}

function ready(facts: StreamFacts): Verdict {
  const { phase, reason, message } = phaseOf(facts);
  if (phase === 'RUNNING' && facts.reading.isReadable !== true) return { ...notRead, status: 'False' };
  return { status: phase === 'RUNNING' || phase === 'IDLE' ? 'True' : 'False', reason, message };
}

function connected({ run }: StreamFacts): Verdict {
  if (run.phase === 'running') {
    return { status: 'True', reason: 'Connected', message: 'The camera sends video.' };
  }
  if (run.failure) {
    const { kind: reason, message } = run.failure;
    if (silentFailures.has(reason)) return { status: 'Unknown', reason, message };
    return { status: connectedFailures.has(reason) ? 'True' : 'False', reason, message };
  }
  return {
    status: 'Unknown',
    reason: 'NotTried',
    message: 'No connection to the camera was attempted yet.',
  };
}

function framesFlowing(facts: StreamFacts): Verdict {
  const { run } = facts;
  if (run.phase === 'running') {
    return { status: 'True', reason: 'FramesFlowing', message: 'New video frames are arriving.' };
  }
  const reason = run.failure?.kind ?? (facts.hasDemand ? 'Connecting' : 'NotWanted');
  return { status: 'False', reason, message: run.failure?.message ?? 'No video frames are arriving.' };
}

const notRead: Verdict = {
  status: 'Unknown',
  reason: 'NotReadYet',
  message: 'Video frames arrive. Whether readers can decode them is being checked.',
};

function readable({ run, reading }: StreamFacts): Verdict {
  if (run.phase !== 'running') return notLive(run.failure);
  if (reading.problem) return { status: 'False', ...reading.problem };
  if (reading.isReadable !== true) return notRead;
  return { status: 'True', reason: 'Decoded', message: 'Readers get pictures that can be decoded.' };
}
