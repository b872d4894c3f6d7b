import type { StreamFailureKind } from '@camplane/contracts/camera-status';

export type ClassifiedError = { kind: StreamFailureKind; message: string };

/**
 * Why FFmpeg or ffprobe (5.1 to 9) exited, derived from its standard error; null if unknown. The message is for
 * people and quotes none of the lines, so it contains no address or password.
 */
export function classifyError(stderrLines: readonly string[]): ClassifiedError | null {
  // The reason is at the end; earlier lines date from when the stream was still running.
  const lines = stderrLines
    .slice(-reasonLines)
    .filter((line) => outOfMemory.test(line) || !passingTrouble.test(line));
  for (const { pattern, kind, message } of rules) {
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match) return { kind, message: message.replace('STATUS', match.groups?.status ?? '') };
    }
  }
  return null;
}

const reasonLines = 20;

/** FFmpeg reports single broken packets like this and continues. */
const passingTrouble =
  /Error while decoding stream|Error submitting packet to decoder|decode_slice_header|error while decoding MB|concealing \d+|corrupt (decoded|input)|max delay reached|RTP: missed|Last message repeated/i;

const outOfMemory = /Cannot allocate memory|malloc of size \d+ failed/i;

/** `STATUS` in the message stands for the group `status` of the pattern. */
type Rule = ClassifiedError & { pattern: RegExp };

/** Ordered, most specific first: the first rule that matches any of the last lines wins. */
const rules: readonly Rule[] = [
  {
    pattern: outOfMemory,
    kind: 'InvalidData',
    message: 'FFmpeg reached its limit of memory: the pictures of the camera are too large.',
  },
  {
    // FFmpeg calls RTSP's ANNOUNCE, SETUP and RECORD writing the output's header: the target failed, not the camera.
    pattern:
      /method (ANNOUNCE|RECORD) failed|Could not write header.*: (Server returned|Invalid data|Broken pipe|End of file|Input\/output error)/i,
    kind: 'MediaServerUnavailable',
    message: 'MediaMTX did not accept the stream.',
  },
  {
    pattern: /Could not write header.*(Connection|timed out)/i,
    kind: 'MediaServerUnavailable',
    message: 'MediaMTX could not be reached.',
  },
  {
    pattern: /\b401 \(?Unauthorized|\bHTTP error 401|method \w+ failed: 401/i,
    kind: 'CredentialsRefused',
    message: 'The camera refused the user or password (401).',
  },
  {
    pattern: /\b403 \(?Forbidden|\bHTTP error 403|method \w+ failed: 403/i,
    kind: 'CredentialsRefused',
    message: 'The camera forbids this user to see the stream (403).',
  },
  {
    pattern: /\b453 |Not Enough Bandwidth/i,
    kind: 'TooManyConnections',
    message: 'The camera has too many viewers already (453).',
  },
  {
    pattern: /method SETUP failed: 461/,
    kind: 'TransportRefused',
    message: 'The camera does not send its video over this transport (SETUP: 461).',
  },
  {
    pattern: /method SETUP failed: (?<status>[45]\d\d)/,
    kind: 'TrackRefused',
    message: 'The camera refused to set up its video (SETUP: STATUS).',
  },
  {
    pattern: /method PLAY failed: (?<status>[45]\d\d)/,
    kind: 'PlayRefused',
    message: 'The camera refused to play its video (PLAY: STATUS).',
  },
  {
    pattern: /\b(404|410) (Not Found|Gone)|\bHTTP error 404|Server returned 404/i,
    kind: 'NotFound',
    message: 'The camera has no stream at this path (404).',
  },
  {
    pattern: /\bHTTP error 30\d|method \w+ failed: 30\d/i,
    kind: 'Redirected',
    message: 'The camera redirects to another address, which is not followed.',
  },
  {
    // A protocol that is not on the list can only come from a redirect or a playlist.
    pattern: /Protocol '[^']*' not on whitelist/i,
    kind: 'Redirected',
    message: 'The camera refers to another kind of address, which is not followed.',
  },
  {
    pattern: /Failed to resolve hostname|Name or service not known|Temporary failure in name resolution/i,
    kind: 'HostNotFound',
    message: "The camera's host name was not found.",
  },
  {
    pattern: /Connection refused/i,
    kind: 'ConnectionRefused',
    message: 'The camera refused the connection: nothing listens at this port.',
  },
  {
    // It announced video and sent none, or no key frame, before the timeout.
    pattern:
      /dimensions not set|Could not find codec parameters for stream \d+ \(Video: [^)]*\): unspecified size/i,
    kind: 'NoFirstFrame',
    message: 'The camera accepted the connection, but sent no picture.',
  },
  {
    pattern: /Stream map '\d+:a[^']*' matches no streams|Failed to set value '\d+:a[^']*' for option 'map'/i,
    kind: 'InvalidData',
    message: 'The source has no sound, but sound is switched on.',
  },
  {
    pattern: /matches no streams|does not contain any stream|Output file .* does not contain/i,
    kind: 'NoVideo',
    message: 'The source has no video stream.',
  },
  {
    pattern:
      /codec not currently supported in container|Unsupported codec|Could not find tag for codec|[Dd]ecoder .*not found|[Nn]o decoder (found )?for|Decoding requested, but no decoder found/,
    kind: 'UnsupportedCodec',
    message: 'The codec of the source is not supported in this mode.',
  },
  {
    pattern:
      /(av_interleaved_write_frame\(\)|Error (writing trailer|muxing a packet|submitting a packet to the muxer)).*(Broken pipe|Connection|timed out|End of file|Input\/output error)/i,
    kind: 'MediaServerUnavailable',
    message: 'MediaMTX closed the connection.',
  },
  {
    pattern: /timed out|No route to host|Network is unreachable|Host is (unreachable|down)/i,
    kind: 'TimedOut',
    message: 'The camera did not answer in time.',
  },
  {
    pattern:
      /av_interleaved_write_frame\(\)|Error (writing trailer|muxing a packet|submitting a packet to the muxer)/i,
    kind: 'InvalidData',
    message: 'The video of the camera could not be published as it is.',
  },
  {
    pattern: /Broken pipe/i,
    kind: 'MediaServerUnavailable',
    message: 'MediaMTX closed the connection.',
  },
  {
    pattern: /Connection reset by peer|: End of file|Input\/output error/i,
    kind: 'Ended',
    message: 'The camera ended the connection.',
  },
  {
    pattern: /No such (file or directory|device)|Permission denied|Device or resource busy/i,
    kind: 'NotFound',
    message: 'The file or device does not exist or cannot be opened.',
  },
  {
    pattern: /method (DESCRIBE|OPTIONS) failed: (?<status>[45]\d\d)/,
    kind: 'InvalidData',
    message: 'The camera answered with an error (STATUS).',
  },
  {
    pattern: /\b(4XX|5XX|400 Bad Request|5\d\d [A-Z])|HTTP error [45]\d\d|method \w+ failed: [45]\d\d/,
    kind: 'InvalidData',
    message: 'The camera answered with an error.',
  },
  {
    pattern:
      /Invalid data found when processing input|moov atom not found|Could not find codec parameters|Unsafe file name|Operation not permitted|Error opening input/i,
    kind: 'InvalidData',
    message: 'The source does not send readable video.',
  },
];
