import { classifyError } from '@camplane/ffmpeg/classify-error';
import type { FfmpegInvocation } from '@camplane/ffmpeg/invocation';
import { createProgressParser } from '@camplane/ffmpeg/progress';
import { startChild } from '@camplane/supervisor/child-process';
import type { ChildEnding } from '@camplane/supervisor/child-process';
import { RunFailure } from '@camplane/supervisor/run-failure';

/**
 * One FFmpeg from start to end: counts its frames and, when it ends, throws a RunFailure with the reason.
 * Settles only when the process has ended; an abort is an ending without failure.
 */
export async function runFfmpeg(options: {
  name: string;
  ffmpegPath: string;
  invocation: FfmpegInvocation;
  onFrames(count: number): void;
  onStderrLine(line: string): void;
  signal: AbortSignal;
}): Promise<void> {
  let seen = 0;
  const progress = createProgressParser((report) => {
    if (report.frame > seen) options.onFrames(report.frame - seen);
    seen = Math.max(seen, report.frame);
  });
  const child = startChild({
    name: options.name,
    command: options.ffmpegPath,
    args: options.invocation.args,
    ...(options.invocation.stdin === undefined ? {} : { stdin: options.invocation.stdin }),
    stdout: (chunk) => {
      progress.push(chunk);
    },
    onStderrLine: options.onStderrLine,
    signal: options.signal,
  });
  const ending = await child.ended;
  if (ending.kind !== 'stopped') throw failureOf(ending);
}

/** Why an FFmpeg ended that nobody here stopped. */
export function failureOf(ending: ChildEnding): RunFailure {
  switch (ending.kind) {
    case 'spawn-failed':
      return new RunFailure('ProgramMissing', ending.message);
    case 'signalled':
      return new RunFailure('Killed', `FFmpeg was ended by ${ending.signal}.`);
    case 'stopped':
      return new RunFailure('Ended', 'The stream was stopped.');
    case 'exited': {
      const classified = classifyError(ending.stderrTail);
      if (classified) return new RunFailure(classified.kind, classified.message);
      return new RunFailure(
        'Ended',
        ending.code === 0 ? 'The camera ended the stream.' : `FFmpeg ended with code ${ending.code}.`,
      );
    }
  }
}
