import type { SlateFiles, SlateTracks } from './slate-files.ts';
import type { SlateText } from './slate-text.ts';

/**
 * What one path shows while it has no video. MediaMTX reads a path's slate when its video goes, and plays what
 * it read until video comes again; a text that changes in between (the camera, reconnecting at first, refuses
 * the login) is brought to the viewers by publishing the new slate for a moment, after which MediaMTX reads the
 * file anew. That is done only while nothing else publishes there: there is one publisher a path, always.
 */
export type PathSlate = {
  /** What the slate is to say from now on. */
  show(tracks: SlateTracks, text: SlateText): void;
  /** Video of the camera is on the path. */
  videoCame(): void;
  /** It is gone: MediaMTX has read the slate as it was drawn by now. */
  videoWent(): void;
  /** Nobody will publish for this long, in milliseconds: long enough to bring a new text to the viewers? */
  quietFor(ms: number): void;
  /** Before someone publishes: resolves when the slate no longer does. */
  makeWay(): Promise<void>;
  stop(): Promise<void>;
};

/** A moment of publishing, with its beginning and end. */
const publishMs = 1500;

export function createPathSlate(options: {
  path: string;
  files: SlateFiles;
  /** Publishes a slate file to the path for a moment; resolves when its process has ended. */
  publish(file: string, signal: AbortSignal): Promise<void>;
  onError(error: unknown): void;
}): PathSlate {
  const { path, files } = options;
  let wanted = '';
  let drawn = { key: '', tracks: null as SlateTracks | null };
  let shown = '';
  let isQuiet = false;
  let publishing: { abort: AbortController; ended: Promise<void> } | null = null;
  let stopped = false;

  async function draw(key: string, tracks: SlateTracks, text: SlateText): Promise<void> {
    const isDrawn = await files.redraw(path, tracks, text);
    // There is no slate to draw on yet: it is asked for again when there is.
    if (!isDrawn && key === wanted) wanted = '';
    // An older drawing that ended late says nothing of the file now.
    if (!isDrawn || key !== wanted || stopped) return;
    drawn = { key, tracks };
    bringToViewers();
  }

  function bringToViewers(): void {
    if (stopped || !isQuiet || publishing || drawn.tracks === null || drawn.key === shown) return;
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
        // A newer text may have been drawn meanwhile; an unsuccessful one waits for the next pause.
        if (shown === key) bringToViewers();
      });
    publishing = { abort, ended };
  }

  async function makeWay(): Promise<void> {
    isQuiet = false;
    publishing?.abort.abort();
    await publishing?.ended;
  }

  return {
    show(tracks, text) {
      const key = JSON.stringify([tracks, text]);
      if (key === wanted || stopped) return;
      wanted = key;
      draw(key, tracks, text).catch(options.onError);
    },
    videoCame() {
      shown = '';
      isQuiet = false;
    },
    videoWent() {
      shown = drawn.key;
    },
    quietFor(ms) {
      isQuiet = ms >= publishMs;
      bringToViewers();
    },
    makeWay,
    async stop() {
      stopped = true;
      await makeWay();
    },
  };
}
