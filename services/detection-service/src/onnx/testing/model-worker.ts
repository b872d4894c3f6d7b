import { parentPort } from 'node:worker_threads';
import type { Image, Pixels } from '../../detect/detector.ts';
import { loadModel } from '../load-model.ts';
import { ModelError } from '../model-error.ts';
import { createOnnxDetector } from '../onnx-detector.ts';
import type { ModelResponse, ModelRequest } from './model-thread.ts';

/** Loads and runs models in a thread, as detection-service does. */
parentPort?.on('message', (request: ModelRequest) => {
  void run(request).then((message) => parentPort?.postMessage(message));
});

async function run({ settings, images, minConfidence }: ModelRequest): Promise<ModelResponse> {
  try {
    const model = await loadModel(settings);
    const detector = createOnnxDetector(model);
    const { labels, input, layout } = model;
    // Concurrently: the model queues them.
    const found = await Promise.all(
      images.map((pixels) => detector.detect(imageOf(pixels), { minConfidence })),
    );
    detector.dispose();
    await model.release();
    return { ok: true, labels, input, layout, found: found.map((one) => one ?? []) };
  } catch (error) {
    const { message } = error as Error;
    return { ok: false, kind: error instanceof ModelError ? error.kind : 'unknown', message };
  }
}

function imageOf(pixels: Pixels): Image {
  const unused = (): never => {
    throw new Error('a model needs colours');
  };
  return { ...pixels, capturedAt: 0, rgb: () => Promise.resolve(pixels), grey: unused, small: unused };
}
