import { access, copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isCompleteMp4 } from './complete-mp4.ts';
import type { SlateText } from './slate-text.ts';

/** Codecs of slates, and so of always-available paths. */
export type SlateCodec = 'h264' | 'h265';
export type SlateTracks = { codec: SlateCodec; audio: boolean };

export type SlateRenderer = (
  options: SlateTracks & { text: SlateText; output: string; signal: AbortSignal },
) => Promise<void>;

/**
 * The slate of each path: the film that MediaMTX plays while the path has no video. MediaMTX opens the file each time a
 * path goes offline, and exits if it is missing or broken. So a finished file is renamed over the old one, and a file is
 * removed only after its path.
 *
 * A new path gets a copy of a neutral slate, drawn once per kind of tracks. The one with the camera's name replaces it
 * later, so that a start does not wait for a drawing.
 */
export type SlateFiles = {
  /** Draws the neutral slate before its first use. */
  prepare(tracks: SlateTracks): void;
  /** The slate file of a path, which exists when the promise resolves. */
  ensure(path: string, tracks: SlateTracks): Promise<string>;
  /**
   * Draws the path's slate with another text. One drawing per path runs at a time, and the latest text wins. False if the
   * slate does not exist yet: call {@link SlateFiles.ensure} first.
   */
  redraw(path: string, tracks: SlateTracks, text: SlateText): Promise<boolean>;
  /** Cancels a drawing of the path and removes its slates. Call it after MediaMTX has removed the path. */
  remove(path: string): Promise<void>;
};

/** Starting streams need the processors more than slates do. */
const concurrencyMax = 1;

export function createSlateFiles(options: {
  folder: string;
  render: SlateRenderer;
  signal: AbortSignal;
}): SlateFiles {
  const neutral = new Map<string, Promise<string>>();
  const placed = new Set<string>();
  const requested = new Map<string, { tracks: SlateTracks; text: SlateText }>();
  const drawing = new Map<string, { abort: AbortController; ended: Promise<void> }>();
  const slots = createSlots(concurrencyMax);
  let sequence = 0;

  const fileOf = (path: string, tracks: SlateTracks) =>
    join(options.folder, `${path.replaceAll('/', '~')}.${kind(tracks)}.mp4`);

  /** Replaces the file by what `write` writes, atomically. */
  async function replace(file: string, write: (partial: string) => Promise<void>): Promise<void> {
    const partial = `${file}.${process.pid}.${sequence++}.partial.mp4`;
    try {
      await write(partial);
      // On a full disk FFmpeg writes a truncated file and exits with 0.
      if (!isCompleteMp4(await readFile(partial)))
        throw new Error('the slate file is incomplete: is the disk full?');
      await rename(partial, file);
    } finally {
      await rm(partial, { force: true });
    }
  }

  function renderTo(file: string, tracks: SlateTracks, text: SlateText, signal: AbortSignal): Promise<void> {
    return replace(file, (output) => slots(() => options.render({ ...tracks, text, output, signal })));
  }

  function neutralSlate(tracks: SlateTracks): Promise<string> {
    const key = kind(tracks);
    let made = neutral.get(key);
    if (!made) {
      const file = join(options.folder, `neutral.${key}.mp4`);
      made = mkdir(options.folder, { recursive: true })
        .then(() => renderTo(file, tracks, { title: 'Camplane', line: 'Connecting…' }, options.signal))
        .then(() => file);
      // The next caller retries a failed drawing.
      made.catch(() => neutral.delete(key));
      neutral.set(key, made);
    }
    return made;
  }

  async function redrawUntilCurrent(path: string, signal: AbortSignal): Promise<void> {
    for (let next = requested.get(path); next; next = requested.get(path)) {
      requested.delete(path);
      const file = fileOf(path, next.tracks);
      if (placed.has(file)) await renderTo(file, next.tracks, next.text, signal);
    }
  }

  return {
    prepare(tracks) {
      neutralSlate(tracks).catch(() => undefined);
    },
    async ensure(path, tracks) {
      const file = fileOf(path, tracks);
      // It may have been deleted since: MediaMTX exits without it.
      if (placed.has(file) && (await exists(file))) return file;
      let source = await neutralSlate(tracks);
      if (!(await exists(source))) {
        neutral.delete(kind(tracks));
        source = await neutralSlate(tracks);
      }
      await replace(file, (partial) => copyFile(source, partial));
      placed.add(file);
      return file;
    },
    async redraw(path, tracks, text) {
      if (!placed.has(fileOf(path, tracks))) return false;
      requested.set(path, { tracks, text });
      let running = drawing.get(path);
      if (!running) {
        const abort = new AbortController();
        const signal = AbortSignal.any([abort.signal, options.signal]);
        const ended = redrawUntilCurrent(path, signal).finally(() => drawing.delete(path));
        running = { abort, ended };
        drawing.set(path, running);
      }
      await running.ended;
      return true;
    },
    async remove(path) {
      requested.delete(path);
      const running = drawing.get(path);
      running?.abort.abort();
      await running?.ended.catch(() => undefined);
      for (const tracks of allTracks) {
        const file = fileOf(path, tracks);
        placed.delete(file);
        await rm(file, { force: true });
      }
    },
  };
}

const allTracks: readonly SlateTracks[] = (['h264', 'h265'] as const).flatMap((codec) => [
  { codec, audio: false },
  { codec, audio: true },
]);

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function kind(tracks: SlateTracks): string {
  return `${tracks.codec}${tracks.audio ? '-opus' : ''}`;
}

/** Runs at most `limit` functions at once; the others wait in order. */
function createSlots(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (busy >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      return await work();
    } finally {
      // The next in line takes over the slot.
      const next = waiting.shift();
      if (next) next();
      else busy -= 1;
    }
  };
}
