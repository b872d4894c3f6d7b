import type { CameraChange, CameraConfig } from '@camplane/contracts/camera';

/**
 * The cameras to run: from the registry of control-api on one machine, from a file in a pod. Level-driven: `list` is
 * authoritative, and a missed change is found with the next list.
 */
export type CameraFeed = {
  list(): Promise<readonly CameraConfig[]>;
  subscribe(listener: (change: CameraChange) => void): () => void;
};
