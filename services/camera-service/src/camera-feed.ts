import type { CameraChange, CameraConfig } from '@camplane/contracts/camera';

/**
 * Where camera-service hears which cameras to run: the registry of control-api on one machine, a file in a
 * pod. Level-driven: `list` is the truth, a change only says that it is time to look.
 */
export type CameraFeed = {
  list(): Promise<readonly CameraConfig[]>;
  subscribe(listener: (change: CameraChange) => void): () => void;
};
