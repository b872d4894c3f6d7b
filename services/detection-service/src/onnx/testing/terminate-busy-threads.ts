import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createNativeGate } from '../native-gate.ts';

/**
 * A program: terminates threads in which the given model runs, at any moment, and says how many. With `open` as its
 * last argument it does not shut their gates before.
 */
const [modelPath, labelsPath, threads, mode] = process.argv.slice(2);
for (let thread = 0; thread < Number(threads); thread++) {
  const gate = createNativeGate();
  const workerData = { settings: { modelPath, labelsPath, thresholds: {} }, gate: gate.memory };
  const worker = new Worker(new URL('./busy-thread.ts', import.meta.url), { workerData });
  // That a run is refused at the gate is the end of its loop.
  worker.on('error', () => undefined);
  await once(worker, 'message');
  await delay(Math.random() * 20);
  if (mode === 'open' || (await gate.shut(10_000))) await worker.terminate();
}
console.log(`${threads} threads terminated`);
