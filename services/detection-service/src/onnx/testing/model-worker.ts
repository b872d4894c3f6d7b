import { parentPort } from 'node:worker_threads';
import type { Picture, Pixels } from '../../detect/detector.ts';
import { loadModel } from '../load-model.ts';
import { ModelError } from '../model-error.ts';
import { createOnnxDetector } from '../onnx-detector.ts';
import type { ModelAnswer, ModelQuestion } from './model-thread.ts';

/** Loads models and shows them pictures in a thread of its own, as detection-service does. */
parentPort?.on('message', (question: ModelQuestion) => {
  void answer(question).then((message) => parentPort?.postMessage(message));
});

async function answer({ settings, pictures, minConfidence }: ModelQuestion): Promise<ModelAnswer> {
  try {
    const model = await loadModel(settings);
    const detector = createOnnxDetector(model);
    const { labels, input, layout } = model;
    // At once: they take turns.
    const found = await Promise.all(
      pictures.map((pixels) => detector.detect(pictureOf(pixels), { minConfidence })),
    );
    detector.dispose();
    await model.release();
    return { ok: true, labels, input, layout, found: found.map((one) => one ?? []) };
  } catch (error) {
    const { message } = error as Error;
    return { ok: false, kind: error instanceof ModelError ? error.kind : 'unknown', message };
  }
}

function pictureOf(pixels: Pixels): Picture {
  const unused = (): never => {
    throw new Error('a model looks at colours');
  };
  return { ...pixels, capturedAt: 0, rgb: () => Promise.resolve(pixels), grey: unused, small: unused };
}
