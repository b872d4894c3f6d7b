import type { Found } from '@camplane/contracts/detection';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Pixels } from '../../detect/detector.ts';
import type { OnnxSettings } from '../load-model.ts';
import type { OutputLayout } from '../model-shape.ts';

export type ModelRequest = {
  settings: OnnxSettings;
  images: readonly Pixels[];
  minConfidence: number;
};

export type ModelResponse =
  | {
      ok: true;
      labels: readonly string[];
      input: { width: number; height: number };
      layout: OutputLayout;
      found: (readonly Found[])[];
    }
  | { ok: false; kind: string; message: string };

/**
 * A thread that loads models. Tests also need it because jest replaces the array classes in test files, and ONNX Runtime
 * accepts only the original ones.
 */
export function startModelThread() {
  const worker = new Worker(new URL('./model-worker.ts', import.meta.url));
  return {
    async run(request: ModelRequest): Promise<ModelResponse> {
      worker.postMessage(request);
      const [response] = (await once(worker, 'message')) as [ModelResponse];
      return response;
    },
    async stop(): Promise<void> {
      await worker.terminate();
    },
  };
}
