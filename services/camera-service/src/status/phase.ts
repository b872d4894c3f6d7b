import type { CameraPhase } from '@camplane/contracts/camera-status';
import type { StreamFacts } from './stream-facts.ts';

/** The phase of a camera, with the reason as a word for programs and a sentence for people. */
export type PhaseView = { phase: CameraPhase; reason: string; message: string };

type PhaseRule = { applies(facts: StreamFacts): boolean; view(facts: StreamFacts): PhaseView };

/** Ordered rules, the first that applies wins: the list reads as the specification. */
const rules: readonly PhaseRule[] = [
  {
    applies: (facts) => facts.run.phase === 'stopping' && !facts.wanted,
    view: () => ({ phase: 'STOPPING', reason: 'StopRequested', message: 'The stream is being stopped.' }),
  },
  {
    applies: (facts) => !facts.enabled,
    view: () => ({
      phase: 'STOPPED',
      reason: 'Disabled',
      message: 'The camera is stopped. Start it to see video.',
    }),
  },
  {
    applies: (facts) => !facts.mediaServerUp,
    view: () => ({
      phase: 'ERROR',
      reason: 'MediaServerUnavailable',
      message: 'MediaMTX does not answer. It is started again by itself; video comes back with it.',
    }),
  },
  {
    applies: (facts) => facts.run.phase === 'running',
    view: () => ({ phase: 'RUNNING', reason: 'FramesFlowing', message: 'Video is live.' }),
  },
  {
    applies: (facts) => facts.run.inError && facts.run.failure !== null,
    view: (facts) => failed('ERROR', facts),
  },
  {
    applies: (facts) => facts.onDemand && !facts.wanted && facts.announced,
    view: () => ({
      phase: 'IDLE',
      reason: 'NoViewers',
      message: 'Nobody is watching. The first viewer starts the stream.',
    }),
  },
  {
    applies: (facts) => facts.run.failure !== null,
    view: (facts) => failed('STARTING', facts),
  },
  {
    applies: () => true,
    view: () => ({ phase: 'STARTING', reason: 'Connecting', message: 'Connecting to the camera.' }),
  },
];

export function phaseOf(facts: StreamFacts): PhaseView {
  const rule = rules.find((candidate) => candidate.applies(facts));
  if (!rule) throw new Error('the last rule of a phase applies always');
  return rule.view(facts);
}

function failed(phase: 'STARTING' | 'ERROR', facts: StreamFacts): PhaseView {
  const failure = facts.run.failure;
  if (!failure) throw new Error('a failed phase has a failure');
  return {
    phase,
    reason: failure.kind,
    message: `${failure.message} ${remedies[failure.kind]}`.trim().slice(0, 1024),
  };
}

/** What a person can do about each failure. */
const remedies: Record<NonNullable<StreamFacts['run']['failure']>['kind'], string> = {
  CredentialsRefused:
    'Correct the user name and password. Until then it is tried only now and then, so that the account is not locked.',
  NotFound: 'Check the path of the source URL.',
  HostNotFound: 'Check the host name of the source URL.',
  ConnectionRefused: 'Check the address and port, and that the camera is on. It is tried again by itself.',
  TimedOut: 'Check that the camera is on and reachable from here. It is tried again by itself.',
  TooManyConnections: 'Close other viewers of the camera itself, or raise its connection limit.',
  Redirected: 'Enter the address it points to as the source URL, if you trust it.',
  UnsupportedCodec: 'Choose mode transcode, or another codec in the camera.',
  InvalidData: 'Check that the URL is that of a video stream.',
  NoVideo: 'Check that the URL is that of a video stream.',
  NoFirstFrame: 'It is started again by itself.',
  Stalled: 'It is started again by itself.',
  Ended: 'It is started again by itself.',
  Killed: 'It is started again by itself.',
  MediaServerUnavailable: 'It is started again by itself.',
  ProgramMissing: 'Install FFmpeg, or name it in FFMPEG_BIN.',
  Internal: 'The log has the details.',
};
