import { parentPort, workerData } from 'node:worker_threads';
import { loadModel } from '../load-model.ts';
import type { OnnxSettings } from '../load-model.ts';
import { throughGate } from '../native-gate.ts';

/** A thread that runs a model continuously. */
const { settings, gate } = workerData as { settings: OnnxSettings; gate: SharedArrayBuffer };
const model = await loadModel(
  settings,
  throughGate(gate, () => process.exit(0)),
);
parentPort?.postMessage('busy');
for (;;) await model.run((input) => input.fill(0.5));
