import { StartupError } from '@camplane/service-kit/startup-error';
import type { OnnxSettings } from '../onnx/load-model.ts';
import { startDetectionThread } from './detection-thread.ts';

/**
 * Loads a model in a temporary thread, so that an unusable one is reported once, before anything starts.
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
        // An error loses its class between threads, and its name is prepended to the message.
        const message = failure.message.replace(/^ModelError: /, '');
        reject(new StartupError(message, { cause: failure }));
      },
    },
    undefined,
    onnx,
  );
  try {
    thread.post({ type: 'load', capabilities: ['model'] });
    await promise;
  } finally {
    await thread.stop();
  }
}
