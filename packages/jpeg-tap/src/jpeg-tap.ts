import { buildTap } from '@camplane/ffmpeg/arguments/tap';
import { ffmpegFailure } from '@camplane/ffmpeg/ffmpeg-failure';
import { createJpegSplitter } from '@camplane/ffmpeg/jpeg-splitter';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { startChild } from '@camplane/supervisor/child-process';
import { defaultRestartPolicy } from '@camplane/supervisor/restart-policy';
import { supervise } from '@camplane/supervisor/supervise';
import type { RunContext } from '@camplane/supervisor/supervise';
import type { TapSettings } from './frame-request.ts';
import type { JpegFrame } from './jpeg-frame.ts';
import { jpegSize } from './jpeg-size.ts';
import { evaluateKeyFrames } from './key-frame-choice.ts';

/** Takes JPEG frames of a live MediaMTX path, in a separate process. */
export type JpegTap = {
  /** Starts, changes or (null) stops the tap. */
  configure(settings: TapSettings | null): void;
  /** Resolves when the process has ended. */
  stop(): Promise<void>;
};

/** What the tap needs from the service that runs it. */
export type JpegTapDependencies = {
  ffmpegPath: string;
  clock: Clock;
  wallClock: WallClock;
  random(): number;
  log: { debug(fields: object, message: string): void };
};

const jpegMaxBytes = 8 * 1024 * 1024;

/**
 * Creates a stopped tap. It restarts after failures and starts again with key frames only after each change.
 *
 * @param options.url RTSP address of the path
 */
export function createJpegTap(
  options: { name: string; url: string; onFrame(frame: JpegFrame): void },
  { ffmpegPath, clock, wallClock, random, log }: JpegTapDependencies,
): JpegTap {
  const { name, url } = options;
  let settings: TapSettings | null = null;
  let decodeAll = false;
  let checkedFps: number | null = null;
  let sequence = 0;
  const supervisor = supervise({
    runOnce,
    policy: defaultRestartPolicy,
    clock,
    random,
    onChange: () => undefined,
  });

  async function runOnce({ signal, onFrames }: RunContext): Promise<void> {
    if (!settings) return;
    const keyFramesOnly = settings.keyFramesOnly || !decodeAll;
    const mayDecodeAll = !settings.keyFramesOnly && keyFramesOnly;
    const isSufficient = createKeyFrameCheck(settings.fps, clock.now());
    const splitter = createJpegSplitter({
      maxBytes: jpegMaxBytes,
      onFrame(jpeg) {
        onFrames(1);
        if (mayDecodeAll && !signal.aborted && !isSufficient(clock.now())) {
          decodeAll = true;
          supervisor.restart();
        }
        const size = jpegSize(jpeg);
        if (size) options.onFrame({ jpeg, ...size, sequence: sequence++, capturedAt: wallClock.epochMs() });
      },
    });
    const child = startChild({
      name: `${name} tap`,
      command: ffmpegPath,
      ...buildTap({ url, ...settings, keyFramesOnly }),
      stdout: (chunk) => {
        splitter.push(chunk);
      },
      onStderrLine: (line) => log.debug({ tap: name }, line),
      signal,
    });
    const ending = await child.ended;
    if (ending.kind !== 'stopped') throw ffmpegFailure(ending);
  }

  return {
    configure(next) {
      if (JSON.stringify(next) === JSON.stringify(settings)) return;
      const before = settings;
      settings = next;
      // Kept over a pause: a camera that reconnects sends key frames at the same interval.
      if (next !== null && next.fps !== checkedFps) decodeAll = false;
      checkedFps = next?.fps ?? checkedFps;
      // `stop` of the tap waits for the process; a start in the meantime waits inside the supervisor.
      if (next === null) void supervisor.stop();
      else if (before === null) supervisor.start();
      else supervisor.restart();
    },
    stop() {
      settings = null;
      return supervisor.stop();
    },
  };
}

/** Collects arrivals until the verdict; false once key frames turn out to be too rare. */
function createKeyFrameCheck(fps: number, startedMs: number): (nowMs: number) => boolean {
  const arrivalsMs: number[] = [];
  let verdict: ReturnType<typeof evaluateKeyFrames> = 'undecided';
  return (nowMs) => {
    if (verdict === 'undecided') {
      arrivalsMs.push(nowMs);
      verdict = evaluateKeyFrames(arrivalsMs, startedMs, nowMs, fps);
    }
    return verdict !== 'too-rare';
  };
}
