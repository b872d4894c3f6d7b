import type { DetectorName } from '@camplane/contracts/camera';

/** What a worker thread loads before a detector can run. Each costs memory and start time, so it is loaded on demand. */
export type Capability = 'opencv' | 'model';

const needed: Readonly<Record<DetectorName, readonly Capability[]>> = {
  motion: ['opencv'],
  person: ['opencv'],
  onnx: ['model'],
  http: [],
};

export function capabilitiesFor(detectors: readonly DetectorName[]): Capability[] {
  return [...new Set(detectors.flatMap((name) => needed[name]))];
}
