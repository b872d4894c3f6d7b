import type { Found } from '@camplane/contracts/detection';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Pixels } from '../../detect/detector.ts';
import type { OnnxSettings } from '../load-model.ts';
import type { OutputLayout } from '../model-shape.ts';

export type ModelQuestion = {
  settings: OnnxSettings;
  pictures: readonly Pixels[];
  minConfidence: number;
};

export type ModelAnswer =
  | {
      ok: true;
      labels: readonly string[];
      input: { width: number; height: number };
      layout: OutputLayout;
      found: (readonly Found[])[];
    }
  | { ok: false; kind: string; message: string };

/**
 * A thread that loads models. Tests need one for another reason as well: jest gives each test file arrays of its own
 * making, and ONNX Runtime takes none but the thread's.
 */
export function startModelThread() {
  const worker = new Worker(new URL('./model-worker.ts', import.meta.url));
  return {
    async ask(question: ModelQuestion): Promise<ModelAnswer> {
      worker.postMessage(question);
      const [answer] = (await once(worker, 'message')) as [ModelAnswer];
      return answer;
    },
    async stop(): Promise<void> {
      await worker.terminate();
    },
  };
}
