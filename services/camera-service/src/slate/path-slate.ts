import type { SlateFiles, SlateTracks } from './slate-files.ts';
import type { SlateText } from './slate-text.ts';

/**
 * What one path shows while it has no video. MediaMTX reads the slate's file when the video ends, and plays it until video
 * starts again. A text that changes in between (a camera that reconnects at first, then refuses the login) reaches the
 * viewers by publishing the new slate for a moment: MediaMTX reads the file again afterwards. That is done only while
 * nothing else publishes, since a path has one publisher.
 */
export type PathSlate = {
  /** Sets the tracks and the text of the slate. */
  show(tracks: SlateTracks, text: SlateText): void;
  /** The camera's video is published to the path. */
  videoStarted(): void;
  /** MediaMTX has read the slate as it was drawn last. */
  videoEnded(): void;
  /** Nothing else is published to the path for this long: a new text is published if the time suffices. */
  idleFor(ms: number): void;
  /** Call before something else is published. Resolves when the slate is no longer published. */
  stopPublishing(): Promise<void>;
  stop(): Promise<void>;
};

/** Time to publish a slate, with process start and exit. */
const publishMs = 1500;

export function createPathSlate(options: {
  path: string;
  files: SlateFiles;
  /** Publishes a slate file to the path for a moment; resolves when its process has ended. */
  publish(file: string, signal: AbortSignal): Promise<void>;
  onError(error: unknown): void;
}): PathSlate {
  const { path, files } = options;
  let requested = '';
  let drawn = { key: '', tracks: null as SlateTracks | null };
  let shown = '';
  let isIdle = false;
  let publishing: { abort: AbortController; ended: Promise<void> } | null = null;
  let stopped = false;

  async function draw(key: string, tracks: SlateTracks, text: SlateText): Promise<void> {
    const isDrawn = await files.redraw(path, tracks, text);
    // The slate does not exist yet: the next `show` with the same text must draw it.
    if (!isDrawn && key === requested) requested = '';
    // Superseded by a newer text.
    if (!isDrawn || key !== requested || stopped) return;
    drawn = { key, tracks };
    publishText();
  }

  function publishText(): void {
    if (stopped || !isIdle || publishing || drawn.tracks === null || drawn.key === shown) return;
    const { key, tracks } = drawn;
    const abort = new AbortController();
    const ended = files
      .ensure(path, tracks)
      .then((file) => options.publish(file, abort.signal))
      .then(() => {
        if (!abort.signal.aborted) shown = key;
      })
      .catch(options.onError)
      .finally(() => {
        publishing = null;
        // A newer text may have been drawn meanwhile. After a failure the next idle time retries.
        if (shown === key) publishText();
      });
    publishing = { abort, ended };
  }

  async function stopPublishing(): Promise<void> {
    isIdle = false;
    publishing?.abort.abort();
    await publishing?.ended;
  }

  return {
    show(tracks, text) {
      const key = JSON.stringify([tracks, text]);
      if (key === requested || stopped) return;
      requested = key;
      draw(key, tracks, text).catch(options.onError);
    },
    videoStarted() {
      shown = '';
      isIdle = false;
    },
    videoEnded() {
      shown = drawn.key;
    },
    idleFor(ms) {
      isIdle = ms >= publishMs;
      publishText();
    },
    stopPublishing,
    async stop() {
      stopped = true;
      await stopPublishing();
    },
  };
}
