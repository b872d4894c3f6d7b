import type { CameraPhase } from '@camplane/contracts/camera-status';
import type { StreamFacts } from './stream-facts.ts';

/** The phase of a camera, with a reason for programs and a message for people. */
export type PhaseView = { phase: CameraPhase; reason: string; message: string };

type PhaseRule = { applies(facts: StreamFacts): boolean; view(facts: StreamFacts): PhaseView };

/** In order of precedence. */
const rules: readonly PhaseRule[] = [
  {
    applies: (facts) => facts.run.phase === 'stopping' && !facts.hasDemand,
    view: () => ({ phase: 'STOPPING', reason: 'StopRequested', message: 'The stream is stopping.' }),
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
      message: 'MediaMTX does not respond. It is restarted automatically, and video resumes then.',
    }),
  },
  {
    applies: (facts) => facts.run.phase === 'running' && facts.reading.problem !== null,
    view: ({ reading: { problem } }) => ({ phase: 'ERROR', ...(problem ?? { reason: '', message: '' }) }),
  },
  {
    applies: (facts) => facts.run.phase === 'running',
    view: ({ missingSound }) => ({
      phase: 'RUNNING',
      reason: 'FramesFlowing',
      message: `Video is live. ${missingSound ?? ''}`.trim(),
    }),
  },
  {
    applies: (facts) => facts.run.inError && facts.run.failure !== null,
    view: (facts) => failed('ERROR', facts),
  },
  {
    applies: (facts) => facts.onDemand && !facts.hasDemand && facts.announced,
    view: () => ({
      phase: 'IDLE',
      reason: 'NoViewers',
      message: 'No viewers. The first viewer starts the stream.',
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
  if (!rule) throw new Error('the last phase rule always applies');
  return rule.view(facts);
}

function failed(phase: 'STARTING' | 'ERROR', facts: StreamFacts): PhaseView {
  const failure = facts.run.failure;
  if (!failure) throw new Error('a failed phase has a failure');
  return { phase, reason: failure.kind, message: adviseOn(failure).slice(0, 1024) };
}

type RunFailureView = NonNullable<StreamFacts['run']['failure']>;

/** The message of a failure, its remedy, and when it is retried. A message of several sentences contains its remedy already. */
function adviseOn({ kind, message }: RunFailureView): string {
  const statesRemedy = /\. [A-Z]/.test(message);
  return [message, statesRemedy ? undefined : remedies[kind], retries[kind]]
    .filter((sentence) => sentence !== undefined)
    .join(' ');
}

/** What a user can do about each failure. */
const remedies: Partial<Record<RunFailureView['kind'], string>> = {
  CredentialsRefused: 'Correct the user name and password.',
  NotFound: 'Check the path of the source URL.',
  HostNotFound: 'Check the host name of the source URL.',
  AddressRefused: 'Use a permitted address, or ask the administrator to permit this one.',
  ConnectionRefused: 'Check the address and port, and that the camera is on.',
  TimedOut: 'Check that the camera is on and reachable from this host.',
  TooManyConnections: 'Close other connections to the camera, or raise its connection limit.',
  Redirected: 'If you trust the redirect target, enter it as the source URL.',
  TransportRefused: 'Choose the other transport.',
  TrackRefused: 'Choose the other transport, or another stream of the camera.',
  PlayRefused: 'Choose the other transport, or another stream of the camera.',
  UnsupportedCodec: 'Choose mode transcode, or another codec in the camera.',
  InvalidData: 'Check that the URL is that of a video stream.',
  NoVideo: 'Check that the URL is that of a video stream.',
  ClockJumped: 'Check the time settings of the camera.',
  ProcessorLimitExceeded:
    'Choose a smaller stream of the camera, or raise FFMPEG_COPY_CORES, FFMPEG_DECODE_CORES or FFMPEG_ENCODE_CORES.',
  ProgramMissing: 'Install FFmpeg, or set FFMPEG_BIN to its path.',
  Internal: 'See the log for details.',
};

/** When a failure is retried, where that is worth knowing. */
const retries: Partial<Record<RunFailureView['kind'], string>> = {
  CredentialsRefused: 'Until then it is retried only every few minutes, so that the account is not locked.',
  ConnectionRefused: 'The connection is retried automatically.',
  TimedOut: 'The connection is retried automatically.',
  NoFirstFrame: 'It is restarted automatically.',
  Stalled: 'It is restarted automatically.',
  ClockJumped: 'It is restarted automatically.',
  ProcessorLimitExceeded: 'It is restarted after a minute.',
  Ended: 'It is restarted automatically.',
  Killed: 'It is restarted automatically.',
  MediaServerUnavailable: 'It is restarted automatically.',
};
