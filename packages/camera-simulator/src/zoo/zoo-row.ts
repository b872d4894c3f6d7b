import type { HlsDeviation } from '../http/hls-camera.ts';
import type { MultipartDeviation } from '../http/multipart-camera.ts';
import type { SnapshotDeviation } from '../http/snapshot-camera.ts';
import type { RtspDeviation } from '../rtsp/deviation.ts';

export type ZooMode = 'copy' | 'transcode' | 'overlay';

export const zooModes: readonly ZooMode[] = ['copy', 'transcode', 'overlay'];

/** How the simulator makes a deviation. */
export type ZooCamera =
  | ({ kind: 'rtsp' } & RtspDeviation)
  | ({ kind: 'multipart' } & MultipartDeviation)
  | ({ kind: 'snapshot' } & SnapshotDeviation)
  | ({ kind: 'hls' } & HlsDeviation);

export type ZooOutcome =
  | {
      kind: 'plays';
      /** From the creation of the camera to phase RUNNING, on an idle machine. */
      withinSeconds: number;
      /** The condition BrowserPlayable; default True. */
      browser?: 'True' | 'False';
      /** Default: frames reach detection. */
      frames?: false;
    }
  | {
      kind: 'fails';
      reason: string;
      /** A part of the message. */
      says?: string;
    };

/** One deviation: what the camera does, and what a user gets. */
export type ZooRow = {
  /** Option of the simulator's command line, and the name of its tests. */
  name: string;
  /** What the camera does, for people. */
  deviation: string;
  /** What Camplane does about it, for people. */
  handling: string;
  /** Public reports of such cameras, as `owner/repository#number`. */
  seenAt: readonly string[];
  camera: ZooCamera;
  /** Modes that are tested; default copy and transcode. */
  modes?: readonly ZooMode[];
  /** Sound settings that are tested; default off. */
  sound?: readonly ('off' | 'on')[];
  transport?: 'udp';
  expected: ZooOutcome;
  /** Outcomes of a mode that differ. */
  expectedIn?: Partial<Record<ZooMode, ZooOutcome>>;
  /** The stream is checked this long after it started, when the deviation has happened. */
  checkAfterSeconds?: number;
  /** Decoding reports errors, since the camera loses packets. */
  hasArtefacts?: boolean;
  /** The published path has sound if sound is on. */
  publishesSound?: boolean;
  /** HLS does not play; see `limit`. */
  stopsHls?: boolean;
  /** What does not work yet. */
  limit?: string;
};

export type ZooGroup = { title: string; rows: readonly ZooRow[] };

export function plays(withinSeconds = 10): ZooOutcome {
  return { kind: 'plays', withinSeconds };
}

/** Plays over RTSP; browsers cannot play it. */
export function playsOutsideBrowsers(withinSeconds = 10): ZooOutcome {
  return { kind: 'plays', withinSeconds, browser: 'False' };
}

export function fails(reason: string, says?: string): ZooOutcome {
  return { kind: 'fails', reason, ...(says === undefined ? {} : { says }) };
}

/** The outcome of a row in a mode. */
export function outcomeOf(row: ZooRow, mode: ZooMode): ZooOutcome {
  return row.expectedIn?.[mode] ?? row.expected;
}

/** The modes in which a row is tested. */
export function modesOf(row: ZooRow): readonly ZooMode[] {
  return row.modes ?? ['copy', 'transcode'];
}
