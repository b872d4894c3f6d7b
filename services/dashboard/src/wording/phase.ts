import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus, ConditionType, StreamFailureKind } from '@camplane/contracts/camera-status';

/** How urgent a state is to whoever looks: it chooses the colour of the badge, never the words. */
export type Tone = 'good' | 'busy' | 'quiet' | 'bad';

export type PhaseWording = { label: string; tone: Tone };

/** The badge of a camera's phase. */
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
  HostNotFound: 'The camera’s host name is not known.',
  ConnectionRefused: 'The camera refused the connection.',
  TimedOut: 'The camera did not answer.',
  TooManyConnections: 'The camera has no free connection.',
  Redirected: 'The camera pointed to another address, which is not followed.',
  UnsupportedCodec: 'The camera sends a codec that cannot be used in this mode.',
  InvalidData: 'The camera sent data that is not video.',
  NoVideo: 'The camera’s stream has no video.',
  NoFirstFrame: 'The camera connected but sent no picture.',
  Stalled: 'The camera stopped sending pictures.',
  Ended: 'The camera ended the stream.',
  Killed: 'The video process was ended from outside.',
  MediaServerUnavailable: 'The media server is not available.',
  ProgramMissing: 'FFmpeg is not installed on the server.',
  Internal: 'Something failed inside Camplane.',
};

/** A reason word in plain words; `undefined` for a word that is not a failure. */
export function failureWording(reason: string): string | undefined {
  return isFailure(reason) ? failures[reason] : undefined;
}

function isFailure(reason: string): reason is StreamFailureKind {
  return Object.hasOwn(failures, reason);
}

/** One sentence that says why a camera is not live; `null` when it is. */
export function notLiveReason(status: CameraStatus | undefined): string | null {
  if (!status) return 'Nothing was heard of this camera yet.';
  switch (status.phase) {
    case 'RUNNING':
      return null;
    case 'IDLE':
      return 'Starts when someone watches.';
    case 'STOPPED':
      return 'Switched off.';
    case 'STARTING':
      return failureWording(status.reason) ?? 'Connecting to the camera.';
    case 'STOPPING':
      return 'Stopping.';
    case 'ERROR':
      return failureWording(status.reason) ?? sentence(status.message, 'The camera does not work.');
  }
}

/** Names of the conditions, as questions that True answers with yes. */
export const conditionNames: Record<ConditionType, string> = {
  Ready: 'Ready',
  Connected: 'Connected to the camera',
  FramesFlowing: 'Pictures arriving',
  BrowserPlayable: 'Playable in browsers',
};

/** Why this camera's video cannot play in a browser, where the server says so. */
export function notPlayableReason(status: CameraStatus | undefined): string | null {
  const condition = status?.conditions.find(({ type }) => type === 'BrowserPlayable');
  return condition?.status === 'False'
    ? sentence(condition.message, 'Browsers cannot play this video.')
    : null;
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
