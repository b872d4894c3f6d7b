import opencv from '@techstark/opencv-js';

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

/** OpenCV compiled to WebAssembly, with what its type declarations leave open or out. */
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
/** Learns a background, and gives what differs from it as a mask of 0 and 255. */
export type BackgroundSubtractor = {
  apply(picture: Mat, mask: Mat, learningRate: number): void;
  delete(): void;
};
type HogDescriptorClass = {
  new (): HogDescriptor;
  getDefaultPeopleDetector(): NumberVector;
};
/** Finds what a plane in the space of histograms of oriented gradients parts from the rest. */
export type HogDescriptor = {
  /** @param plane one column of CV_32FC1: a vector is not taken */
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
 * Waits for OpenCV (about 0.2 s and 90 MiB). It comes wrapped in an object because the module has a `then` of
 * its own: returned bare from an async function it would be awaited for ever. For worker threads only.
 */
export function loadOpenCv(): Promise<{ cv: OpenCv }> {
  // Its start-up code installs handlers that print its whole source, 11 MB, on any unhandled failure.
  for (const event of ['uncaughtException', 'unhandledRejection']) process.removeAllListeners(event);
  const module = opencv as unknown as { then(ready: (cv: OpenCv) => void): void };
  return new Promise((resolve) => {
    module.then((cv) => resolve({ cv }));
  });
}
