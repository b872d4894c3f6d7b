import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus, ConditionType, StreamFailureKind } from '@camplane/contracts/camera-status';

/** The colour of a badge. */
export type Tone = 'good' | 'busy' | 'quiet' | 'bad';

export type PhaseWording = { label: string; tone: Tone };

/** The badge for a camera's phase. */
export function phaseWording(status: CameraStatus | undefined): PhaseWording {
  if (!status) return { label: 'Unknown', tone: 'quiet' };
  switch (status.phase) {
    case 'RUNNING':
      return { label: 'Live', tone: 'good' };
    case 'STARTING':
      return { label: status.restarts > 0 ? 'Reconnecting' : 'Starting', tone: 'busy' };
    case 'STOPPING':
      return { label: 'Stopping', tone: 'busy' };
    case 'IDLE':
      return { label: 'Idle', tone: 'quiet' };
    case 'STOPPED':
      return { label: 'Stopped', tone: 'quiet' };
    case 'ERROR':
      return { label: 'Error', tone: 'bad' };
  }
}

const failures: Record<StreamFailureKind, string> = {
  CredentialsRefused: 'The camera refused the user name or password.',
  NotFound: 'The camera has no stream at this address.',
  HostNotFound: 'The camera’s host name cannot be resolved.',
  AddressRefused: 'Cameras may not be at this address.',
  ConnectionRefused: 'The camera refused the connection.',
  TimedOut: 'The camera did not respond.',
  TooManyConnections: 'The camera accepts no more connections.',
  Redirected: 'The camera redirects to another address, which is not allowed.',
  TransportRefused: 'The camera does not support this transport.',
  TrackRefused: 'The camera refused to set up its video.',
  PlayRefused: 'The camera refused to play its video.',
  UnsupportedCodec: 'This mode does not support the camera’s codec.',
  InvalidData: 'The camera sent data that is not video.',
  NoVideo: 'The camera’s stream has no video.',
  NoFirstFrame: 'The camera accepted the connection but sent no video.',
  Stalled: 'The camera stopped sending video.',
  ClockJumped: 'The camera’s clock jumped.',
  Ended: 'The camera ended the stream.',
  ProcessorLimitExceeded: 'The camera’s video needs more processor time than allowed.',
  Killed: 'The video process was killed.',
  MediaServerUnavailable: 'The media server is unavailable.',
  ProgramMissing: 'FFmpeg is not installed on the server.',
  Internal: 'Internal error. See the server’s log.',
};

/** The text for a failure reason; undefined for any other reason. */
export function failureWording(reason: string): string | undefined {
  return isFailure(reason) ? failures[reason] : undefined;
}

function isFailure(reason: string): reason is StreamFailureKind {
  return Object.hasOwn(failures, reason);
}

/** Why a camera is not live, as one sentence; null if it is. */
export function notLiveReason(status: CameraStatus | undefined): string | null {
  if (!status) return 'No status received yet.';
  switch (status.phase) {
    case 'RUNNING':
      return null;
    case 'IDLE':
      return 'Starts with the first viewer.';
    case 'STOPPED':
      return 'Turned off.';
    case 'STARTING':
      return failureWording(status.reason) ?? 'Connecting to the camera.';
    case 'STOPPING':
      return 'Stopping.';
    case 'ERROR':
      return failureWording(status.reason) ?? sentence(status.message, 'The camera failed.');
  }
}

/** Phrased so that True reads as yes. */
export const conditionNames: Record<ConditionType, string> = {
  Ready: 'Ready',
  Connected: 'Connected to camera',
  FramesFlowing: 'Receiving video',
  Readable: 'Readable by players',
  FramesDelivered: 'Frames reach detection',
  BrowserPlayable: 'Playable in browsers',
  SubStreamReady: 'Sub stream available',
};

/** Why browsers cannot play this camera's video; null if they can. */
export function notPlayableReason(status: CameraStatus | undefined): string | null {
  return falseReason(status, 'BrowserPlayable', 'Browsers cannot play this video.');
}

/** Why a live camera's frames do not reach detection; null if they do. */
export function notDetectedReason(status: CameraStatus | undefined): string | null {
  return status?.phase === 'RUNNING'
    ? falseReason(status, 'FramesDelivered', 'No frame reaches detection.')
    : null;
}

function falseReason(
  status: CameraStatus | undefined,
  type: ConditionType,
  otherwise: string,
): string | null {
  const condition = status?.conditions.find((one) => one.type === type);
  return condition?.status === 'False' ? sentence(condition.message, otherwise) : null;
}

/** The first start of a camera, before the media server has its path. */
export function isFirstStart({ phase, restarts, lastFrameTime }: CameraStatus): boolean {
  return phase === 'STARTING' && restarts === 0 && lastFrameTime === null;
}

/** The server reports its count every few seconds; this page's own player counts at once. */
export function viewerCount(status: CameraStatus | undefined, playingHere: boolean): number {
  return Math.max(status?.viewerCount ?? 0, playingHere ? 1 : 0);
}

export function viewersText(count: number): string {
  return count === 1 ? '1 viewer' : `${count} viewers`;
}

/** The summary above the grid. */
export function summaryText(cameras: readonly Camera[], statuses: ReadonlyMap<string, CameraStatus>): string {
  const phases = cameras.map((camera) => statuses.get(camera.id)?.phase);
  const count = (phase: string) => phases.filter((one) => one === phase).length;
  const parts = [
    cameras.length === 1 ? '1 camera' : `${cameras.length} cameras`,
    `${count('RUNNING')} live`,
    ...(count('IDLE') > 0 ? [`${count('IDLE')} idle`] : []),
    ...(count('ERROR') > 0 ? [`${count('ERROR')} with errors`] : []),
  ];
  return parts.join(' · ');
}

function sentence(text: string, otherwise: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return otherwise;
  const capital = `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}`;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
