import {
  cameraPhaseSchema,
  conditionTypeSchema,
  streamFailureKindSchema,
} from '@camplane/contracts/camera-status';
import type { CameraPhase, ConditionType, StreamFailureKind } from '@camplane/contracts/camera-status';
import { code, markdownTable, pageHead } from './markdown-table.ts';

const phases: Record<CameraPhase, string> = {
  STOPPED: 'Disabled or stopped by a user.',
  STARTING: 'Waiting for the first frame.',
  RUNNING: 'Video frames are flowing. `Ready` follows once a reader of the path has decoded one.',
  IDLE: 'On demand, without viewers.',
  ERROR:
    'No video, or none that a reader can decode (`Readable` is False, `isRunning` is true); see `reason`. Without video, Camplane retries at `nextAttemptTime`. An unreadable stream keeps running, because a restart would not change what the camera sends, and is sampled again.',
  STOPPING: 'Processes are terminating.',
};

const conditions: Record<ConditionType, string> = {
  Ready:
    'The camera is in the configured state: video is flowing and readable, or it waits for its first viewer.',
  Connected:
    'The source responds and accepts the login. Unknown if no frame arrived and nothing shows whether it did.',
  FramesFlowing: 'Video frames arrive. Received bytes or a running process are not enough.',
  Readable:
    'Readers of the published path get pictures that can be decoded. Seen from the JPEG frames where detection or snapshots take them, otherwise from a short sample: when the video becomes live, every five minutes, and when MediaMTX reports other tracks or errors.',
  FramesDelivered:
    'JPEG frames reach detection: at least one in 10 s, or in four intervals of a lower rate. Absent if detection is off.',
  BrowserPlayable:
    'Browsers can play the published video: a supported codec and profile, key frames, and no B-frames. Unknown until a sample was decoded.',
  SubStreamReady:
    'The sub stream can be viewed. Before its first viewer the camera gets one DESCRIBE, unless it limits connections. Absent if no sub stream is configured. `endpoints.sub` stays, because the camera may offer the stream later.',
};

const failures: Record<StreamFailureKind, [meaning: string, remedy: string]> = {
  CredentialsRefused: [
    'The camera refused the login (401, 403). Camplane retries slowly to avoid locking the account.',
    'Correct the user name and password. Camplane applies the change immediately.',
  ],
  NotFound: [
    'The stream (404), file or device does not exist.',
    'Compare the path with the camera’s manual.',
  ],
  HostNotFound: ['The host name cannot be resolved.', 'Correct the name, or use an IP address.'],
  AddressRefused: [
    'The address, or one that a playlist refers to, is not where cameras may be. Nothing was sent to it.',
    'Use a permitted address, or add this one to `CAMPLANE_CAMERA_NETWORKS`.',
  ],
  ConnectionRefused: [
    'The host is reachable, but nothing listens on the port.',
    'Check the port, and that RTSP is enabled in the camera.',
  ],
  TimedOut: [
    'The host did not respond in time.',
    'Check that the camera has power and is reachable from here.',
  ],
  TooManyConnections: [
    'The camera has reached its maximum number of clients (453).',
    'Connect other programs to Camplane instead of the camera.',
  ],
  Redirected: [
    'The camera sent a redirect. Camplane never follows redirects, because they may lead to any host.',
    'Configure the target of the redirect if it belongs to the camera.',
  ],
  UnsupportedCodec: [
    'The codec of the video is not supported.',
    'Choose H.264 in the camera, or `transcode`.',
  ],
  TransportRefused: [
    'The camera refused SETUP of the video with RTSP status 461.',
    'Choose the other transport (TCP or UDP).',
  ],
  TrackRefused: [
    'The camera refused SETUP of the video with another status.',
    'Choose the other transport, or another stream of the camera.',
  ],
  PlayRefused: [
    'The camera refused PLAY after it had accepted SETUP.',
    'Choose the other transport, or another stream of the camera.',
  ],
  InvalidData: [
    'The received data is not video.',
    'Check that the URL is that of a stream, not of a web page.',
  ],
  NoVideo: ['Connected, but the stream has no video.', 'Choose another stream of the camera.'],
  NoFirstFrame: [
    'Connected, but no frame arrived before the start deadline.',
    'Reduce the camera’s key-frame interval to a few seconds.',
  ],
  Stalled: [
    'Frames stopped although the connection stayed open.',
    'Camplane restarts the stream. Check the network.',
  ],
  ClockJumped: [
    'The timestamps of the video jumped by seconds or more.',
    'Camplane restarts the stream at once. Check the time settings of the camera.',
  ],
  Ended: ['The camera or FFmpeg ended the stream.', 'Camplane restarts the stream.'],
  ProcessorLimitExceeded: [
    'FFmpeg used more of the processors than allowed, on average over 30 s, and was stopped.',
    'Choose a smaller stream of the camera, or raise `FFMPEG_COPY_CORES`, `FFMPEG_DECODE_CORES` or `FFMPEG_ENCODE_CORES`. Camplane restarts the stream after a minute.',
  ],
  Killed: [
    'FFmpeg was killed by another process, such as the out-of-memory killer.',
    'Camplane restarts the stream. Check the memory of the machine.',
  ],
  MediaServerUnavailable: ['MediaMTX does not respond.', 'Camplane restarts it. Check its log.'],
  ProgramMissing: [
    'FFmpeg or another program is not installed.',
    'Install it, or set the environment variable with its path.',
  ],
  Internal: ['Internal error.', 'Check the log and report the error.'],
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

Each condition has a \`status\` of \`True\`, \`False\` or \`Unknown\`, a \`reason\` and a \`message\`.

${markdownTable(
  ['Condition', 'True means'],
  conditionTypeSchema.options.map((type) => [code(type), conditions[type]]),
)}

## Failure reasons

The \`reason\` of a camera in phase \`ERROR\`, of its conditions, and the label \`reason\` of \`camplane_ffmpeg_restarts_total\`.

${markdownTable(
  ['Reason', 'Meaning', 'What to do'],
  streamFailureKindSchema.options.map((kind) => [code(kind), ...failures[kind]]),
)}
`;
}
