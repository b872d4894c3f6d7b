import type { ChildEnding } from '@camplane/supervisor/child-process';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { classifyError } from './classify-error.ts';

/** Why a supervised FFmpeg ended, from its exit and the end of its log. */
export function ffmpegFailure(ending: ChildEnding): RunFailure {
  switch (ending.kind) {
    case 'spawn-failed':
      return new RunFailure('ProgramMissing', ending.message);
    case 'signalled':
      return new RunFailure('Killed', `FFmpeg was terminated by ${ending.signal}.`);
    case 'processor-exceeded': {
      const [used, allowed] = [ending.cores, ending.coresMax].map((cores) => cores.toFixed(1));
      return new RunFailure(
        'ProcessorLimitExceeded',
        `FFmpeg used ${used} processor cores on average over ${Math.round(ending.windowMs / 1000)} s; ${allowed} are allowed.`,
      );
    }
    case 'stopped':
      return new RunFailure('Ended', 'The stream was stopped.');
    case 'exited': {
      const classified = classifyError(ending.stderrTail);
      if (classified) return new RunFailure(classified.kind, classified.message);
      return new RunFailure(
        'Ended',
        ending.code === 0 ? 'The camera ended the stream.' : `FFmpeg exited with code ${ending.code}.`,
      );
    }
  }
}
