import type { RunFailure } from '@camplane/supervisor/run-failure';
import type { SourceFacts } from './source-facts.ts';
import type { SourceReport } from './source-report.ts';

/** A loopback address that FFmpeg reads in place of the camera. */
export type SourceRelay = {
  /** `rtsp://127.0.0.1:PORT/SECRET` or `http://127.0.0.1:PORT/SECRET`. */
  readonly url: string;
  /** Matroska carries pictures with the times of their arrival; multipart MJPEG has none. */
  readonly format: 'rtsp' | 'matroska';
  /** Whether FFmpeg is offered a sound track. */
  readonly hasAudio: boolean;
  /** The facts of the opened source, completed by what it has sent. */
  readonly facts: SourceFacts;
  report(): SourceReport;
  /** Resolves once, with the reason why the camera's side ended. */
  readonly ended: Promise<RunFailure>;
  close(): Promise<void>;
};

export type RelayOptions = {
  audio: boolean;
  /** Called while the camera sends, at most every 250 ms. */
  onActivity(): void;
  signal: AbortSignal;
};

/** An opened source: the camera has answered DESCRIBE, or its HTTP response has started. */
export type OpenSource = {
  readonly facts: SourceFacts;
  /** Why FFmpeg's own client cannot open this source; null if it can. */
  readonly needsRelay: string | null;
  /** Plays the source over the open connection. Throws RunFailure. */
  relay(options: RelayOptions): Promise<SourceRelay>;
  /** Closes the connection of a source that is not relayed. */
  close(): void;
};
