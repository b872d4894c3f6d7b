import { access, copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isWholeMp4 } from './mp4-wholeness.ts';
import type { SlateText } from './slate-text.ts';

/** Codecs in which a path can be always available: those a slate is made in. */
export type SlateCodec = 'h264' | 'h265';
export type SlateTracks = { codec: SlateCodec; audio: boolean };

export type SlateRenderer = (
  options: SlateTracks & { text: SlateText; output: string; signal: AbortSignal },
) => Promise<void>;

/**
 * The slate of each path: the film that MediaMTX plays while no video comes. MediaMTX opens the file anew
 * each time a path goes offline and ends if it is missing or broken, so a file is only ever replaced by
 * renaming a finished one over it, and is removed after its path.
 *
 * A new path gets at once a copy of a neutral slate, drawn once per kind of tracks; the one with the camera's
 * name takes its place a moment later, so that a start does not wait for a drawing.
 */
export type SlateFiles = {
  /** Draws the neutral slate ahead of its first use. */
  prepare(tracks: SlateTracks): void;
  /** The slate file of a path, in place when the promise resolves. */
  ensure(path: string, tracks: SlateTracks): Promise<string>;
  /**
   * Draws the path's slate anew; the latest text wins, and one drawing a path runs at a time. False: there is no
   * such slate yet, {@link SlateFiles.ensure} comes first.
   */
  redraw(path: string, tracks: SlateTracks, text: SlateText): Promise<boolean>;
  /** Ends a drawing of the path and removes its slates. Only after MediaMTX has let go of the path. */
  remove(path: string): Promise<void>;
};

/** Drawing can wait: the processors belong to the starting videos. */
const drawingsAtOnce = 1;

export function createSlateFiles(options: {
  folder: string;
  render: SlateRenderer;
  signal: AbortSignal;
}): SlateFiles {
  const neutral = new Map<string, Promise<string>>();
  const placed = new Set<string>();
  const wanted = new Map<string, { tracks: SlateTracks; text: SlateText }>();
  const drawing = new Map<string, { abort: AbortController; ended: Promise<void> }>();
  const slots = createSlots(drawingsAtOnce);
  let sequence = 0;

  const fileOf = (path: string, tracks: SlateTracks) =>
    join(options.folder, `${path.replaceAll('/', '~')}.${kind(tracks)}.mp4`);

  /** Puts what `write` writes in the file's place, as a whole or not at all. */
  async function replace(file: string, write: (partial: string) => Promise<void>): Promise<void> {
    const partial = `${file}.${process.pid}.${sequence++}.partial.mp4`;
    try {
      await write(partial);
      // A full disk cuts a film short, and FFmpeg calls that a success.
      if (!isWholeMp4(await readFile(partial))) throw new Error('the slate was not written completely');
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
      // A failed drawing is tried again by whoever needs it next.
      made.catch(() => neutral.delete(key));
      neutral.set(key, made);
    }
    return made;
  }

  async function redrawUntilCurrent(path: string, signal: AbortSignal): Promise<void> {
    for (let next = wanted.get(path); next; next = wanted.get(path)) {
      wanted.delete(path);
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
      // What was put there may have been cleared away since: MediaMTX would end for want of it.
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
      wanted.set(path, { tracks, text });
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
      wanted.delete(path);
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

/** At most `limit` of the given works at once; the others wait in order. */
function createSlots(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (busy >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      return await work();
    } finally {
      // The place is handed to the next in line, or given back.
      const next = waiting.shift();
      if (next) next();
      else busy -= 1;
    }
  };
}
