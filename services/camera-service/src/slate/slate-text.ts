import type { PhaseView } from '../status/phase.ts';

/** The two lines of a slate: the camera's name, and a short reason for the missing video. */
export type SlateText = { title: string; line: string };

/** What a viewer outside the dashboard (VLC, HomeKit) sees in place of video. Short: it has to be legible on a phone. */
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
  AddressRefused: 'No video: this address is not permitted',
  ConnectionRefused: 'No video: connection refused, retrying',
  TimedOut: 'No video: the camera does not respond, retrying',
  TooManyConnections: 'No video: the camera has too many viewers',
  Redirected: 'No video: the camera redirects elsewhere',
  TransportRefused: 'No video: the camera refused the transport',
  TrackRefused: 'No video: the camera refused its video track',
  PlayRefused: 'No video: the camera refused to play',
  UnsupportedCodec: 'No video: this codec is not supported',
  InvalidData: 'No video: the camera sends invalid data',
  NoVideo: 'No video in this stream',
  NoFirstFrame: 'No frames from the camera, retrying',
  Stalled: 'Video froze, reconnecting…',
  ClockJumped: 'Reconnecting…',
  Ended: 'Reconnecting…',
  ProcessorLimitExceeded: 'No video: it needs too much processor time',
  Killed: 'Reconnecting…',
};
