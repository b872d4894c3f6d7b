import { open, stat } from 'node:fs/promises';
import { messageOf } from '@camplane/runtime/message-of';
import type * as onnxruntime from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { labelFileMaxBytes, parseLabels } from './label-file.ts';
import { ModelError } from './model-error.ts';
import { inputSizeOf, outputLayoutOf } from './model-shape.ts';
import type { OutputLayout } from './model-shape.ts';
import type { ThroughGate } from './native-gate.ts';
import { thresholdsByClass } from './thresholds.ts';
import type { Thresholds } from './thresholds.ts';

/** Plain data, sent to worker threads. */
export type OnnxSettings = { modelPath: string; labelsPath: string; thresholds: Thresholds };

export type LoadedModel = {
  labels: readonly string[];
  /** Minimum confidence of each class. */
  thresholds: readonly number[];
  input: { width: number; height: number };
  layout: OutputLayout;
  /**
   * Draws the input and runs the model on it. Concurrent calls are queued.
   *
   * @param draw fills [3, height, width], which still contains the previous input
   */
  run(draw: (input: Float32Array) => void): Promise<Float32Array>;
  /** Releases its memory after the runs in progress. */
  release(): Promise<void>;
};

const modelMaxBytes = 2 * 1024 * 1024 * 1024;

/**
 * Loads a YOLO-shaped model and its label file, and runs it once on a grey image to learn the shape of its output. Only
 * for worker threads: a run blocks its thread.
 *
 * @throws {ModelError}
 */
export async function loadModel(
  { modelPath, labelsPath, thresholds }: OnnxSettings,
  gate: ThroughGate = (call) => call(),
): Promise<LoadedModel> {
  const labels = parseLabels(await readLabelFile(labelsPath), labelsPath);
  const byClass = thresholdsByClass(labels, thresholds);
  await checkModelFile(modelPath);
  // Loaded here because it takes memory that a service without a model does not need.
  const runtime = await import('onnxruntime-node');
  const session = await gate(() => openSession(runtime, modelPath));
  try {
    const size = inputSizeOf(session.inputMetadata.map((facts) => ({ ...facts })));
    const runner = createRunner(session, createInput(runtime, size), gate);
    const trial = await runner
      .run((input) => input.fill(0.5))
      .catch((error: unknown) => {
        throw new ModelError(
          'run',
          `ONNX_MODEL: ${modelPath} was loaded, but fails on an image of ${size.width}×${size.height}: ${reasonOf(error)}`,
          { cause: error },
        );
      });
    const layout = outputLayoutOf(trial.type, trial.dims, labels.length);
    return {
      labels,
      thresholds: byClass,
      input: size,
      layout,
      run: async (draw) => (await runner.run(draw)).data as Float32Array,
      release: () => runner.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function readLabelFile(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      if (!(await file.stat()).isFile()) throw new Error('not a file');
      const buffer = Buffer.alloc(labelFileMaxBytes + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const message = `ONNX_LABELS: ${path} cannot be read (${reasonOf(error)}): set it to the file with the class names`;
    throw new ModelError('labels', message, { cause: error });
  }
}

async function checkModelFile(path: string): Promise<void> {
  const refuse = (what: string, cause?: unknown) =>
    new ModelError(
      'model-missing',
      `ONNX_MODEL: ${path} ${what}: set it to an ONNX file that this service can read`,
      {
        cause,
      },
    );
  const facts = await stat(path).catch((error: unknown) => {
    throw refuse(`cannot be read (${reasonOf(error)})`, error);
  });
  if (!facts.isFile()) throw refuse('is not a file');
  if (facts.size === 0) throw refuse('is empty');
  if (facts.size > modelMaxBytes) throw refuse(`is larger than ${modelMaxBytes} bytes`);
}

type Runtime = typeof onnxruntime;

async function openSession({ InferenceSession }: Runtime, path: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, {
      executionProviders: ['cpu'],
      // One worker runs per core.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      // Only fatal errors: others are thrown as well.
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw new ModelError(
      'not-a-model',
      `ONNX_MODEL: ${path} is not a model that ONNX Runtime can load (${reasonOf(error)}): export it as ONNX again, ` +
        'and copy all of it',
      { cause: error },
    );
  }
}

type Output = { type: string; dims: readonly number[]; data: unknown };

type ModelInput = { pixels: Float32Array; tensor: Tensor };

function createInput({ Tensor }: Runtime, { width, height }: { width: number; height: number }): ModelInput {
  const pixels = new Float32Array(3 * width * height);
  return { pixels, tensor: new Tensor('float32', pixels, [1, 3, height, width]) };
}

/** One input for all runs, so one run at a time. */
function createRunner(session: InferenceSession, { pixels, tensor }: ModelInput, gate: ThroughGate) {
  const [inputName = ''] = session.inputNames;
  const [outputName = ''] = session.outputNames;
  let last: Promise<unknown> = Promise.resolve();

  const enqueue = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  return {
    run: (draw: (input: Float32Array) => void): Promise<Output> =>
      enqueue(async () => {
        draw(pixels);
        // Only the first output: some exports include inner layers.
        const output = (await gate(() => session.run({ [inputName]: tensor }, [outputName])))[outputName];
        if (!output) throw new Error('no output');
        return output;
      }),
    release: (): Promise<void> => enqueue(() => session.release()),
  };
}

/** The first line: messages of ONNX Runtime may contain a C++ stack. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return (message.split('\n')[0] ?? '').slice(0, 300);
}
