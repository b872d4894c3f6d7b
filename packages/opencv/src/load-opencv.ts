import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import type opencv from '@techstark/opencv-js';
import type { CompiledOpenCv } from './compile-opencv.ts';
import { webAssembly } from './web-assembly.ts';

type Constant =
  | 'CV_8UC1'
  | 'CV_8UC3'
  | 'CV_32SC2'
  | 'COLOR_BGR2RGB'
  | 'COLOR_GRAY2BGR'
  | 'COLOR_RGB2GRAY'
  | 'COLOR_YUV2RGB_I420'
  | 'FILLED'
  | 'FONT_HERSHEY_SIMPLEX'
  | 'BORDER_REPLICATE'
  | 'CHAIN_APPROX_SIMPLE'
  | 'INTER_AREA'
  | 'INTER_LINEAR'
  | 'LINE_AA'
  | 'MORPH_CLOSE'
  | 'MORPH_ELLIPSE'
  | 'MORPH_OPEN'
  | 'MORPH_RECT'
  | 'RETR_EXTERNAL'
  | 'THRESH_BINARY';

/** OpenCV compiled to WebAssembly, with types that its declarations lack or leave imprecise. */
export type OpenCv = Omit<typeof opencv, Constant | 'HOGDescriptor' | 'BackgroundSubtractorMOG2'> &
  Readonly<Record<Constant, number>> & {
    readonly HEAPU8: Uint8Array;
    readonly BackgroundSubtractorMOG2: new (
      history: number,
      varianceThreshold: number,
      detectShadows: boolean,
    ) => BackgroundSubtractor;
    readonly HOGDescriptor: HogDescriptorClass;
    _malloc(sizeBytes: number): number;
    _free(pointer: number): void;
  };
/** Learns a background; `apply` writes the difference from it as a mask of 0 and 255. */
export type BackgroundSubtractor = {
  apply(picture: Mat, mask: Mat, learningRate: number): void;
  delete(): void;
};
type HogDescriptorClass = {
  new (): HogDescriptor;
  getDefaultPeopleDetector(): NumberVector;
};
/** Detects objects with a linear classifier on histograms of oriented gradients. */
export type HogDescriptor = {
  /** @param plane one column of CV_32FC1; a vector is not accepted */
  setSVMDetector(plane: Mat): void;
  detectMultiScale(
    picture: Mat,
    found: InstanceType<OpenCv['RectVector']>,
    distances: NumberVector,
    distanceMin: number,
    stride: InstanceType<OpenCv['Size']>,
    padding: InstanceType<OpenCv['Size']>,
    sizeStep: number,
    groupThreshold: number,
    useMeanshiftGrouping: boolean,
  ): void;
  delete(): void;
};
export type NumberVector = { size(): number; get(index: number): number; delete(): void };
export type Mat = InstanceType<OpenCv['Mat']>;
export type MatVector = InstanceType<OpenCv['MatVector']>;

/**
 * Loads OpenCV (about 0.1 s and 34 MiB). Wrapped in an object, because the module has a `then` method: awaiting it
 * directly would never end. For worker threads only.
 */
export async function loadOpenCv({ glue, module }: CompiledOpenCv): Promise<{ cv: OpenCv }> {
  const loaded = { exports: {} };
  const instantiateWasm = (imports: object, receive: (instance: object) => void) => {
    void webAssembly.instantiate(module, imports).then(receive);
    return {};
  };
  const parameters = ['module', 'exports', 'require', '__dirname', 'options'];
  const run = compileFunction(glue, parameters) as (...values: unknown[]) => void;
  run(loaded, loaded.exports, createRequire(import.meta.url), '/', { instantiateWasm });
  // Its initialization installs handlers that print its whole source on any unhandled failure.
  for (const event of ['uncaughtException', 'unhandledRejection']) process.removeAllListeners(event);
  const { then } = loaded.exports as { then(ready: (cv: OpenCv) => void): void };
  return new Promise((resolve) => {
    then((cv) => resolve({ cv }));
  });
}
