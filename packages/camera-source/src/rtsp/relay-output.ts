/** An interleaved frame, from its `$` on. */
export type RelayFrame = { data: Buffer; start: number; end: number };

/** Where frames go: a socket to FFmpeg. */
export type RelaySink = {
  write(data: Buffer): unknown;
  cork(): void;
  uncork(): void;
  readonly writableLength: number;
};

export type RelayOutput = {
  /** @param isEntry the packet shows that decoding can start at its access unit */
  video(frame: RelayFrame, options: { startsUnit: boolean; isEntry: boolean }): void;
  /** Sound and RTCP. */
  other(frame: RelayFrame): void;
  /** Writes what one read of the camera's socket brought. */
  flush(): void;
  attach(sink: RelaySink): void;
  detach(): void;
  /** Whether a unit at which decoding can start is held or was sent. */
  readonly hasEntry: boolean;
  /** Frames that were dropped because FFmpeg did not read them. */
  readonly droppedFrames: number;
};

/** Held before FFmpeg plays. */
const heldMaxBytes = 8 * 1024 * 1024;
const unitMaxFrames = 10_000;
/** Not yet read by FFmpeg. */
const queuedMaxBytes = 4 * 1024 * 1024;

/**
 * Passes frames to one reader at a time, which starts at a key frame. Before it plays, frames are held from the last key
 * frame on. A reader that falls behind gets nothing until the next key frame.
 */
export function createRelayOutput(): RelayOutput {
  let state: 'seeking' | 'holding' | 'sending' = 'seeking';
  let sink: RelaySink | undefined;
  let unit: RelayFrame[] = [];
  /** Whether `unit` lacks the first packets of its access unit. */
  let isUnitPartial = true;
  let held: RelayFrame[] = [];
  let heldBytes = 0;
  let hasEntry = false;
  let droppedFrames = 0;
  /** Adjacent frames of one buffer, written as one. */
  let run: RelayFrame | undefined;
  let isCorked = false;

  function seek(): void {
    droppedFrames += held.length;
    state = 'seeking';
    [unit, held, heldBytes] = [[], [], 0];
    isUnitPartial = true;
  }

  function hold(frame: RelayFrame): void {
    held.push(frame);
    heldBytes += frame.end - frame.start;
    if (heldBytes > heldMaxBytes) seek();
  }

  function send(frame: RelayFrame): void {
    if (!sink) return;
    if (sink.writableLength > queuedMaxBytes) {
      droppedFrames += 1;
      return seek();
    }
    if (!isCorked) {
      sink.cork();
      isCorked = true;
    }
    if (run?.data === frame.data && run.end === frame.start) {
      run.end = frame.end;
      return;
    }
    writeRun();
    run = { ...frame };
  }

  function writeRun(): void {
    if (run) sink?.write(run.data.subarray(run.start, run.end));
    run = undefined;
  }

  function flush(): void {
    writeRun();
    if (isCorked) sink?.uncork();
    isCorked = false;
  }

  /** Starts at the current access unit, unless FFmpeg still has half of the queue to read. */
  function enter(): boolean {
    if (isUnitPartial || (sink && sink.writableLength > queuedMaxBytes / 2)) return false;
    hasEntry = true;
    const frames = unit;
    state = sink ? 'sending' : 'holding';
    [unit, held, heldBytes] = [[], [], 0];
    frames.forEach(sink ? send : hold);
    return true;
  }

  return {
    video: (frame, { startsUnit, isEntry }) => {
      if (state === 'sending') return send(frame);
      if (startsUnit) {
        unit = [];
        isUnitPartial = false;
      }
      if (unit.push(frame) > unitMaxFrames) {
        unit = [];
        isUnitPartial = true;
      }
      if (isEntry && enter()) return;
      if (state === 'holding') hold(frame);
      else if (sink) droppedFrames += 1;
    },
    other: (frame) => {
      if (state === 'sending') send(frame);
      else if (state === 'holding') hold(frame);
    },
    flush,
    attach: (next) => {
      sink = next;
      if (state !== 'holding') return;
      const frames = held;
      state = 'sending';
      [held, heldBytes] = [[], 0];
      frames.forEach(send);
      flush();
    },
    detach: () => {
      [run, isCorked, sink] = [undefined, false, undefined];
      held = [];
      seek();
    },
    get hasEntry() {
      return hasEntry;
    },
    get droppedFrames() {
      return droppedFrames;
    },
  };
}
