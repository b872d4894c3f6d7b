import type { FfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { onAbort } from '@camplane/runtime/abort';
import { asError } from '@camplane/runtime/as-error';
import { samplePath } from './sample-path.ts';
import type { PathSample, SampleRequest } from './sample-path.ts';

/** A sample that may wait for its turn; then it asks for the RTSP address, which is for one connection. */
export type QueuedSample = Omit<SampleRequest, 'url'> & { url: () => string };

/**
 * Samples the paths of all cameras of a process, few at once: when many cameras start together, their samples must not
 * slow them down. Long samples, which wait for a key frame, have their own places.
 */
export type PathSampler = {
  /**
   * Rejects only when the signal is aborted, with its reason.
   *
   * @param onDecoded called with the first decoded picture, before the sample ends
   */
  sample(request: QueuedSample, signal: AbortSignal, onDecoded: () => void): Promise<PathSample>;
};

const concurrencyMax = { short: 2, long: 2 };
const shortMaxMs = 6000;

export function createPathSampler(options: {
  ffmpegPath: string;
  ffmpegLimits: FfmpegLimits;
  lifetime: AbortSignal;
}): PathSampler {
  const { ffmpegPath, ffmpegLimits } = options;
  const places = { short: createPlaces(concurrencyMax.short), long: createPlaces(concurrencyMax.long) };
  return {
    async sample(request, requested, onDecoded) {
      const signal = AbortSignal.any([requested, options.lifetime]);
      const leave = await places[request.timeoutMs <= shortMaxMs ? 'short' : 'long'].enter(signal);
      try {
        return await samplePath(
          { ...request, url: request.url() },
          { ffmpegPath, ffmpegLimits, signal, onDecoded },
        );
      } finally {
        leave();
      }
    },
  };
}

/** At most `count` holders at once; the others wait in order. */
function createPlaces(count: number) {
  let free = count;
  const waiting = new Set<() => void>();
  function leave(): void {
    const [next] = waiting;
    if (next) next();
    else free += 1;
  }
  return {
    async enter(signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted();
      if (free > 0) free -= 1;
      else await wait(signal);
      return leave;
    },
  };

  function wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        waiting.delete(enter);
        removeListener();
        resolve();
      };
      waiting.add(enter);
      const removeListener = onAbort(signal, () => {
        waiting.delete(enter);
        reject(asError(signal.reason));
      });
    });
  }
}
