import { ffmpegFailure } from '@camplane/ffmpeg/ffmpeg-failure';
import type { FfmpegInvocation } from '@camplane/ffmpeg/invocation';
import { createProgressParser } from '@camplane/ffmpeg/progress';
import { startChild } from '@camplane/supervisor/child-process';
import type { ChildLimits } from '@camplane/supervisor/child-process';
import type { RunFailure } from '@camplane/supervisor/run-failure';

/**
 * Runs one FFmpeg from start to end and counts its frames. Resolves after an abort, throws RunFailure if the process
 * exits on its own; in both cases the process has exited.
 */
export async function runFfmpeg(options: {
  name: string;
  ffmpegPath: string;
  limits: ChildLimits;
  invocation: FfmpegInvocation;
  onFrames(count: number): void;
  /** FFmpeg has opened the source, and waits for the first frame to publish. */
  onActivity(): void;
  onStderrLine(line: string): void;
  /** Ends the run with this failure when a line is reported that FFmpeg itself survives. */
  failureOf?(line: string): RunFailure | null;
  signal: AbortSignal;
}): Promise<void> {
  let seen = 0;
  const progress = createProgressParser((report) => {
    if (report.frame === 0) options.onActivity();
    if (report.frame > seen) options.onFrames(report.frame - seen);
    seen = Math.max(seen, report.frame);
  });
  const ending = new AbortController();
  let failure: RunFailure | null = null;
  const child = startChild({
    name: options.name,
    command: options.ffmpegPath,
    ...options.invocation,
    limits: options.limits,
    stdout: (chunk) => {
      progress.push(chunk);
    },
    onStderrLine: (line) => {
      options.onStderrLine(line);
      failure ??= options.failureOf?.(line) ?? null;
      if (failure !== null) ending.abort();
    },
    signal: AbortSignal.any([options.signal, ending.signal]),
  });
  const exit = await child.ended;
  // Assigned in a callback, which TypeScript does not see.
  const found = failure as RunFailure | null;
  if (found !== null && !options.signal.aborted) throw found;
  if (exit.kind !== 'stopped') throw ffmpegFailure(exit);
}
