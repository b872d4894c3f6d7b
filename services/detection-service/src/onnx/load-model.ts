import { open, stat } from 'node:fs/promises';
import { messageOf } from '@camplane/runtime/message-of';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { labelFileMaxBytes, parseLabels } from './label-file.ts';
import { ModelError } from './model-error.ts';
import { inputSizeOf, outputLayoutOf } from './model-shape.ts';
import type { OutputLayout } from './model-shape.ts';
import type { ThroughGate } from './native-gate.ts';
import { thresholdsByClass } from './thresholds.ts';
import type { Thresholds } from './thresholds.ts';

/** Plain data: it travels to the worker threads. */
export type OnnxSettings = { modelPath: string; labelsPath: string; thresholds: Thresholds };

export type LoadedModel = {
  labels: readonly string[];
  /** The least confidence of each class. */
  thresholds: readonly number[];
  input: { width: number; height: number };
  layout: OutputLayout;
  /**
   * Draws the input and runs the model on it. Those who come at once take turns.
   *
   * @param draw fills [3, height, width]; what it was filled with before is still in it
   */
  run(draw: (input: Float32Array) => void): Promise<Float32Array>;
  /** Gives back its memory, once the runs before have ended. */
  release(): Promise<void>;
};

const modelMaxBytes = 2 * 1024 * 1024 * 1024;

/**
 * Loads a YOLO-shaped model and its label file, and runs the model once, on grey, to see its answer. It takes one
 * thread. To be called in a worker thread: a run blocks its thread.
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
  const session = await gate(() => openSession(modelPath));
  try {
    const size = inputSizeOf(session.inputMetadata.map((facts) => ({ ...facts })));
    const runner = createRunner(session, size, gate);
    const trial = await runner
      .run((input) => input.fill(0.5))
      .catch((error: unknown) => {
        throw new ModelError(
          'run',
          `ONNX_MODEL: ${modelPath} was loaded, but fails on a picture of ${size.width}×${size.height}: ${reasonOf(error)}`,
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
      if (!(await file.stat()).isFile()) throw new Error('it is not a file');
      const buffer = Buffer.alloc(labelFileMaxBytes + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const message = `ONNX_LABELS: ${path} cannot be read (${reasonOf(error)}): name the file of the class names`;
    throw new ModelError('labels', message, { cause: error });
  }
}

async function checkModelFile(path: string): Promise<void> {
  const refuse = (what: string, cause?: unknown) =>
    new ModelError(
      'model-missing',
      `ONNX_MODEL: ${path} ${what}: name an ONNX file that this service may read`,
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

async function openSession(path: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, {
      executionProviders: ['cpu'],
      // There are as many workers as cores.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      // Fatal alone: what goes wrong is thrown as well.
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw new ModelError(
      'not-a-model',
      `ONNX_MODEL: ${path} is not a model that ONNX Runtime can load (${reasonOf(error)}): export it as ONNX again, ` +
        'and copy it whole',
      { cause: error },
    );
  }
}

type Answer = { type: string; dims: readonly number[]; data: unknown };

/** One input that is used again and again, and so one run at a time. */
function createRunner(
  session: InferenceSession,
  { width, height }: { width: number; height: number },
  gate: ThroughGate,
) {
  const [inputName = ''] = session.inputNames;
  const [outputName = ''] = session.outputNames;
  const input = new Float32Array(3 * width * height);
  const tensor = new Tensor('float32', input, [1, 3, height, width]);
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  return {
    run: (draw: (input: Float32Array) => void): Promise<Answer> =>
      inTurn(async () => {
        draw(input);
        // Only the first output is asked for: some exports bring their inner layers along.
        const answer = (await gate(() => session.run({ [inputName]: tensor }, [outputName])))[outputName];
        if (!answer) throw new Error('it gave no answer');
        return answer;
      }),
    release: (): Promise<void> => inTurn(() => session.release()),
  };
}

/** The first line; ONNX Runtime's messages may bring a stack of C++. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return (message.split('\n')[0] ?? '').slice(0, 300);
}
