import type { SubStreamFacts } from './camera-facts.ts';
import type { Verdict } from './verdict.ts';

/** Whether the sub stream can be viewed. It runs only while it has viewers; before the first one only the camera's answer is known. */
export function subStreamReady({ stream, check }: SubStreamFacts): Verdict {
  const run = stream?.run;
  if (run?.phase === 'running') {
    const { problem } = stream?.reading ?? {};
    if (problem) return { status: 'False', ...problem };
    return { status: 'True', reason: 'FramesFlowing', message: 'The sub stream is live.' };
  }
  if (run?.failure) return { status: 'False', reason: run.failure.kind, message: run.failure.message };
  if (run?.lastFrameMs) {
    return {
      status: 'True',
      reason: 'NoViewers',
      message: 'The sub stream was live, and starts with a viewer.',
    };
  }
  if (check?.ok === false) {
    const message = `${check.message} Correct the URL of the sub stream, or remove it.`;
    return { status: 'False', reason: check.kind, message };
  }
  if (check) {
    return {
      status: 'True',
      reason: 'Offered',
      message: 'The camera offers the sub stream. A viewer starts it.',
    };
  }
  return { status: 'Unknown', reason: 'NotTried', message: 'The sub stream was not tried yet.' };
}
