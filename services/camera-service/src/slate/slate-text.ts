import type { PhaseView } from '../status/phase.ts';

/** The two lines of a slate: the camera's name, and in a few words why there is no video. */
export type SlateText = { title: string; line: string };

/** What a viewer without our page (VLC, HomeKit) reads where there is no video. Short: it is read on a phone. */
export function slateText(displayName: string, view: Pick<PhaseView, 'phase' | 'reason'>): SlateText {
  return {
    title: displayName,
    line: lines[view.reason] ?? (view.phase === 'ERROR' ? 'No video' : 'Connecting…'),
  };
}

const lines: Record<string, string> = {
  Disabled: 'Stopped',
  StopRequested: 'Stopped',
  NoViewers: 'Starting…',
  CredentialsRefused: 'No video: the camera refused the login',
  NotFound: 'No video: the camera has no such stream',
  HostNotFound: 'No video: unknown host name',
  ConnectionRefused: 'No video: connection refused, trying again',
  TimedOut: 'No video: the camera does not answer, trying again',
  TooManyConnections: 'No video: the camera has too many viewers',
  Redirected: 'No video: the camera redirects elsewhere',
  UnsupportedCodec: 'No video: this codec is not supported',
  InvalidData: 'No video: the camera sends invalid data',
  NoVideo: 'No video in this stream',
  NoFirstFrame: 'No frames from the camera, trying again',
  Stalled: 'The picture froze, reconnecting…',
  Ended: 'Reconnecting…',
  Killed: 'Reconnecting…',
};
