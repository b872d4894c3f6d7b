import { buildPublishFile } from '@camplane/ffmpeg/arguments/publish-file';
import { startChild } from '@camplane/supervisor/child-process';

/** Enough for the key frame to reach every reader. */
const seconds = 0.4;

/** Publishes a slate to a path for a moment. Resolves when the process has ended, throws if it failed. */
export async function publishSlate(options: {
  ffmpegPath: string;
  file: string;
  target: string;
  signal: AbortSignal;
}): Promise<void> {
  const { file, target, signal } = options;
  const child = startChild({
    name: 'slate',
    command: options.ffmpegPath,
    ...buildPublishFile({ file, seconds, target }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]),
    killAfterMs: 300,
  });
  const ending = await child.ended;
  const isDone = ending.kind === 'stopped' || (ending.kind === 'exited' && ending.code === 0);
  if (!isDone) throw new Error(`publishing the slate failed: ${ending.stderrTail.at(-1) ?? ending.kind}`);
}
