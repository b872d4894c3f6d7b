import {
  cameraPhaseSchema,
  conditionTypeSchema,
  streamFailureKindSchema,
} from '@camplane/contracts/camera-status';
import type { CameraPhase, ConditionType, StreamFailureKind } from '@camplane/contracts/camera-status';
import { code, markdownTable, pageHead } from './markdown-table.ts';

const phases: Record<CameraPhase, string> = {
  STOPPED: 'Disabled, or stopped by hand.',
  STARTING: 'On its way to the first frame.',
  RUNNING: 'Video frames are flowing.',
  IDLE: 'On demand, and nobody is watching.',
  ERROR: 'No video; `reason` says why. It is tried again by itself, at `nextAttemptTime`.',
  STOPPING: 'On its way to the end of its processes.',
};

const conditions: Record<ConditionType, string> = {
  Ready: 'The camera does what its configuration asks for: video flows, or it waits for its first viewer.',
  Connected: 'The source answers and lets us in.',
  FramesFlowing: 'Video frames arrive; not merely bytes, and not merely a process that exists.',
  BrowserPlayable: 'A browser can play the video as it is published: its codec, and no B-frames over WebRTC.',
};

const failures: Record<StreamFailureKind, [meaning: string, remedy: string]> = {
  CredentialsRefused: [
    'The camera refused the login (401, 403). Tried slowly from here on, so that no account is locked.',
    'Correct user name and password; a change is tried at once.',
  ],
  NotFound: [
    'The camera has no such stream (404), or there is no such file or device.',
    'Compare the path with the camera’s manual.',
  ],
  HostNotFound: ['The host’s name has no address.', 'Correct the name, or use the address.'],
  ConnectionRefused: [
    'The host answers, but nothing listens on the port.',
    'Check the port, and that RTSP is switched on in the camera.',
  ],
  TimedOut: ['Nothing answered in time.', 'Check that the camera has power and is reachable from here.'],
  TooManyConnections: [
    'The camera serves as many clients as it can (453).',
    'Let other programs read from Camplane instead of the camera.',
  ],
  Redirected: [
    'The camera sent us elsewhere, which is never followed: it could lead anywhere.',
    'Give the address it redirects to, if that is the camera’s.',
  ],
  UnsupportedCodec: [
    'The video’s codec cannot be carried or decoded.',
    'Choose H.264 in the camera, or `transcode`.',
  ],
  InvalidData: ['What arrives is not video.', 'Check that the URL is a stream’s, and not a web page’s.'],
  NoVideo: ['Connected, but the stream has no video.', 'Choose another stream of the camera.'],
  NoFirstFrame: [
    'Connected, but no frame came before the start deadline.',
    'Shorten the key-frame interval of the camera to a few seconds.',
  ],
  Stalled: [
    'Frames came, then none, though the connection stayed.',
    'Restarted by itself; check the network.',
  ],
  Ended: ['The camera or FFmpeg ended the stream.', 'Restarted by itself.'],
  Killed: [
    'FFmpeg was ended by a signal that Camplane did not send, such as that of a machine out of memory.',
    'Restarted by itself; look at the machine’s memory.',
  ],
  MediaServerUnavailable: ['MediaMTX does not answer.', 'Restarted by itself; look at its log.'],
  ProgramMissing: [
    'FFmpeg or another program is not there.',
    'Install it, or set the variable that names it.',
  ],
  Internal: ['Something failed inside Camplane.', 'Look at the log, and report it.'],
};

/** docs/reference/conditions.md: phases, conditions and the reasons of failures. */
export function conditionsPage(): string {
  return `${pageHead('Phases, conditions and reasons', '`packages/contracts/src/camera-status.ts`')}
## Phases

${markdownTable(
  ['Phase', 'Meaning'],
  cameraPhaseSchema.options.map((phase) => [code(phase), phases[phase]]),
)}

## Conditions

Each has a \`status\` of \`True\`, \`False\` or \`Unknown\`, a \`reason\` and a \`message\`.

${markdownTable(
  ['Condition', 'True means'],
  conditionTypeSchema.options.map((type) => [code(type), conditions[type]]),
)}

## Reasons of failures

The \`reason\` of a camera in \`ERROR\`, of its conditions, and the label of \`camplane_ffmpeg_restarts_total\`.

${markdownTable(
  ['Reason', 'Meaning', 'What to do'],
  streamFailureKindSchema.options.map((kind) => [code(kind), ...failures[kind]]),
)}
`;
}
