import opencv from '@techstark/opencv-js';

type Constant =
  | 'CV_8UC1'
  | 'CV_8UC3'
  | 'CV_32SC2'
  | 'COLOR_BGR2RGB'
  | 'COLOR_GRAY2BGR'
  | 'COLOR_YUV2RGB_I420'
  | 'FILLED'
  | 'FONT_HERSHEY_SIMPLEX'
  | 'INTER_AREA'
  | 'INTER_LINEAR'
  | 'LINE_AA'
  | 'THRESH_BINARY';

/** OpenCV compiled to WebAssembly, with what its type declarations leave open or out. */
export type OpenCv = Omit<typeof opencv, Constant> &
  Readonly<Record<Constant, number>> & {
    readonly HEAPU8: Uint8Array;
    _malloc(sizeBytes: number): number;
    _free(pointer: number): void;
  };
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
