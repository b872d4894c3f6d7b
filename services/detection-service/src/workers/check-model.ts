import { StartupError } from '@camplane/service-kit/startup-error';
import type { OnnxSettings } from '../onnx/load-model.ts';
import { startDetectionThread } from './detection-thread.ts';

/**
 * Loads a model in a thread of its own and gives it back, so that a wrong one is told of once, before anything starts.
 *
 * @throws {StartupError} with the remedy
 */
export async function checkModel(onnx: OnnxSettings): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const thread = startDetectionThread(
    {
      onMessage: () => resolve(),
      onExit: (failure) => {
        if (!failure) return resolve();
        // An error of our own making loses its class between threads, and gains its name.
        const message = failure.message.replace(/^ModelError: /, '');
        reject(new StartupError(message, { cause: failure }));
      },
    },
    undefined,
    { onnx, isCheck: true },
  );
  try {
    await promise;
  } finally {
    await thread.stop();
  }
}
