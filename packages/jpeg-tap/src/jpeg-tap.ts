import { limitsOf } from '@camplane/ffmpeg/process-limits';
import type { FfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { buildTap } from '@camplane/ffmpeg/arguments/tap';
import { ffmpegFailure } from '@camplane/ffmpeg/ffmpeg-failure';
import { createJpegSplitter } from '@camplane/camera-source/jpeg-splitter';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { startChild } from '@camplane/supervisor/child-process';
import { defaultRestartPolicy } from '@camplane/supervisor/restart-policy';
import { supervise } from '@camplane/supervisor/supervise';
import type { RunContext, SupervisorView } from '@camplane/supervisor/supervise';
import { createFrameLimiter } from './frame-limiter.ts';
import type { TapSettings } from './frame-request.ts';
import type { JpegFrame } from './jpeg-frame.ts';
import { jpegSize } from './jpeg-size.ts';
import { evaluateKeyFrames, keyFrameObservationMs } from './key-frame-choice.ts';

/** Takes JPEG frames of a live MediaMTX path, in a separate process. */
export type JpegTap = {
  /** Starts, changes or (null) stops the tap. */
  configure(settings: TapSettings | null): void;
  /** Why the tap delivers no frames; null while it delivers them, starts for the first time, or is stopped. */
  failure(): SupervisorView['failure'];
  /** Resolves when the process has ended. */
  stop(): Promise<void>;
};

/** What the tap needs from the service that runs it. */
export type JpegTapDependencies = {
  ffmpegPath: string;
  ffmpegLimits: FfmpegLimits;
  clock: Clock;
  wallClock: WallClock;
  random(): number;
  log: { debug(fields: object, message: string): void };
};

const jpegMaxBytes = 8 * 1024 * 1024;

/** The first frame is a key frame, and cameras send one a minute or more often. A silent MediaMTX ends FFmpeg sooner. */
const policy = { ...defaultRestartPolicy, startDeadlineMs: 75_000 };

/**
 * Creates a stopped tap. It restarts after failures and starts again with key frames only after each change.
 *
 * @param options.url the RTSP address of the path, for one connection
 */
export function createJpegTap(
  options: {
    name: string;
    url: () => string;
    onFrame(frame: JpegFrame): void;
    /** Called after each change of {@link JpegTap.failure}. */
    onChange?(): void;
    /** Decodes all frames from the start: for rates that key frames do not reach. */
    allFrames?: boolean;
  },
  { ffmpegPath, ffmpegLimits, clock, wallClock, random, log }: JpegTapDependencies,
): JpegTap {
  const { name, url } = options;
  let settings: TapSettings | null = null;
  let decodeAll = options.allFrames === true;
  let checkedFps: number | null = null;
  let sequence = 0;
  const supervisor = supervise({
    runOnce,
    policy,
    clock,
    random,
    onChange: () => options.onChange?.(),
  });

  async function runOnce({ signal, onFrames }: RunContext): Promise<void> {
    if (!settings) return;
    const keyFramesOnly = settings.keyFramesOnly || !decodeAll;
    const mayDecodeAll = !settings.keyFramesOnly && keyFramesOnly;
    const check = createKeyFrameCheck(settings.fps, clock.now());
    const takeAll = () => {
      if (signal.aborted) return;
      decodeAll = true;
      supervisor.restart();
    };
    const cancelCheck = clock.setTimer(keyFrameObservationMs(settings.fps) + 1, () => {
      if (mayDecodeAll && !check.isSufficient(clock.now())) takeAll();
    });
    const limiter = settings.isCopied ? createFrameLimiter(settings.fps) : null;
    const splitter = createJpegSplitter({
      maxBytes: jpegMaxBytes,
      onFrame(jpeg) {
        onFrames(1);
        if (mayDecodeAll) {
          check.keyFrame(clock.now());
          if (!check.isSufficient(clock.now())) takeAll();
        }
        if (limiter && !limiter.isDue(clock.now())) return;
        const size = jpegSize(jpeg);
        if (size) options.onFrame({ jpeg, ...size, sequence: sequence++, capturedAt: wallClock.epochMs() });
      },
    });
    const child = startChild({
      name: `${name} tap`,
      command: ffmpegPath,
      ...buildTap({ url: url(), ...settings, keyFramesOnly }),
      limits: limitsOf(ffmpegLimits, 'decode'),
      stdout: (chunk) => {
        splitter.push(chunk);
      },
      onStderrLine: (line) => log.debug({ tap: name }, line),
      signal,
    });
    const ending = await child.ended;
    cancelCheck();
    if (ending.kind !== 'stopped') throw ffmpegFailure(ending);
  }

  return {
    configure(next) {
      if (JSON.stringify(next) === JSON.stringify(settings)) return;
      const before = settings;
      settings = next;
      // Kept over a pause: a camera that reconnects sends key frames at the same interval.
      if (next !== null && next.fps !== checkedFps) decodeAll = options.allFrames === true;
      checkedFps = next?.fps ?? checkedFps;
      // `stop` of the tap waits for the process; a start in the meantime waits inside the supervisor.
      if (next === null) void supervisor.stop();
      else if (before === null) supervisor.start();
      else supervisor.restart();
    },
    failure: () => (supervisor.view().phase === 'running' ? null : supervisor.view().failure),
    stop() {
      settings = null;
      return supervisor.stop();
    },
  };
}

/** Collects arrivals until the verdict. */
function createKeyFrameCheck(fps: number, startedMs: number) {
  const arrivalsMs: number[] = [];
  let verdict: ReturnType<typeof evaluateKeyFrames> = 'undecided';
  return {
    keyFrame(nowMs: number) {
      if (verdict === 'undecided') arrivalsMs.push(nowMs);
    },
    /** False once key frames turn out to be too rare. */
    isSufficient(nowMs: number): boolean {
      if (verdict === 'undecided') verdict = evaluateKeyFrames(arrivalsMs, startedMs, nowMs, fps);
      return verdict !== 'too-rare';
    },
  };
}
