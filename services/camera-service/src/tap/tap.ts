import { buildTap } from '@camplane/ffmpeg/arguments/tap';
import { createJpegSplitter } from '@camplane/ffmpeg/jpeg-splitter';
import { startChild } from '@camplane/supervisor/child-process';
import { supervise } from '@camplane/supervisor/supervise';
import type { RunContext } from '@camplane/supervisor/supervise';
import { failureOf } from '../stream/run-ffmpeg.ts';
import type { StreamDependencies } from '../stream/stream-dependencies.ts';
import type { StreamSettings } from '../stream/stream-settings.ts';
import { judgeKeyFrames } from './key-frame-choice.ts';
import { jpegSize } from './jpeg-size.ts';
import type { Picture } from './latest-picture.ts';

type FramesSettings = NonNullable<StreamSettings['frames']>;

/**
 * Takes JPEG frames of a live path. A process of its own: changing or losing it never touches the video, and
 * it reads from MediaMTX, so that the camera is connected once. It begins with key frames alone, a fifth of
 * the cost, and decodes all frames only where those are too rare for the wanted rate.
 */
export type Tap = {
  /** What is wanted now; null stops it. */
  configure(frames: FramesSettings | null): void;
  stop(): Promise<void>;
};

const largestJpegBytes = 8 * 1024 * 1024;

export function createTap(options: {
  path: string;
  dependencies: StreamDependencies;
  onPicture(picture: Picture): void;
}): Tap {
  const { dependencies, path } = options;
  let wanted: FramesSettings | null = null;
  let decodeAll = false;
  let sequence = 0;

  const supervisor = supervise({
    runOnce,
    policy: dependencies.policy,
    clock: dependencies.clock,
    random: dependencies.random,
    onChange: () => undefined,
  });

  async function runOnce({ signal, onFrames }: RunContext): Promise<void> {
    const frames = wanted;
    if (!frames) return;
    const keyFramesOnly = !decodeAll;
    const startedMs = dependencies.clock.now();
    const arrivals: number[] = [];
    let judged = !keyFramesOnly;
    const splitter = createJpegSplitter({
      maxBytes: largestJpegBytes,
      onFrame: (jpeg) => {
        const nowMs = dependencies.clock.now();
        onFrames(1);
        if (!judged) {
          arrivals.push(nowMs);
          judged = judge(judgeKeyFrames(arrivals, startedMs, nowMs, frames.fps));
        }
        const size = jpegSize(jpeg);
        if (size)
          options.onPicture({
            jpeg: Buffer.from(jpeg),
            ...size,
            sequence: sequence++,
            capturedAt: dependencies.wallClock.epochMs(),
          });
      },
    });
    const child = startChild({
      name: `${path} tap`,
      command: dependencies.ffmpegPath,
      ...buildTap({ url: dependencies.tapUrl(path), ...frames, keyFramesOnly }),
      stdout: (chunk) => {
        splitter.push(chunk);
      },
      onStderrLine: (line) => dependencies.log.debug({ path }, line),
      signal,
    });
    const ending = await child.ended;
    if (ending.kind !== 'stopped') throw failureOf(ending);
  }

  /** Ends the watching when decided; too rare key frames restart the tap with all frames decoded. */
  function judge(verdict: ReturnType<typeof judgeKeyFrames>): boolean {
    if (verdict === 'insufficient') {
      decodeAll = true;
      supervisor.restart();
    }
    return verdict !== 'undecided';
  }

  return {
    configure(frames) {
      if (JSON.stringify(frames) === JSON.stringify(wanted)) return;
      const before = wanted;
      wanted = frames;
      if (frames === null) {
        // The promise is kept by stop(); a later start waits for the ending inside the supervisor.
        supervisor
          .stop()
          .catch((error: unknown) =>
            dependencies.log.error({ path, err: error }, 'the tap could not be stopped'),
          );
      } else if (before === null) {
        supervisor.start();
      } else {
        decodeAll = false;
        supervisor.restart();
      }
    },
    stop: () => {
      wanted = null;
      return supervisor.stop();
    },
  };
}
