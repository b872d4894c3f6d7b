import type { CreateCamera } from '@camplane/contracts/camera-http';
import type { CameraChange, CameraConfig, CameraInput } from '@camplane/contracts/camera';

/** A camera's configuration with the times of its record (ISO 8601). */
export type CameraRecord = CameraConfig & { createdAt: string; updatedAt: string };

export type CameraListener = (change: CameraChange) => void;

/**
 * Where the cameras are kept: the database, or a cluster's `Camera` resources. Every method may throw
 * CamplaneError `store-unavailable`.
 */
export type CameraRegistry = {
  list(): Promise<CameraRecord[]>;
  get(id: string): Promise<CameraRecord | undefined>;
  /** @throws CamplaneError `camera-exists`, `camera-limit` */
  create(input: CreateCamera): Promise<CameraRecord>;
  /** @throws CamplaneError `camera-not-found`; `invalid-body` when stored credentials would go to another host */
  replace(id: string, input: CameraInput): Promise<CameraRecord>;
  /** Enables the camera and ends a pause between attempts. @throws CamplaneError `camera-not-found` */
  requestStart(id: string): Promise<CameraRecord>;
  /** Disables the camera. @throws CamplaneError `camera-not-found` */
  requestStop(id: string): Promise<CameraRecord>;
  /** @throws CamplaneError `camera-not-found` */
  remove(id: string): Promise<void>;
  /**
   * Hears of every change from now on, those made by other processes included, in order. A level, not a log:
   * a camera that changed twice between two looks is told once. To follow all cameras, subscribe, then list;
   * where the list cannot be had yet, every camera is told as `changed` once the store answers.
   *
   * @returns ends the subscription
   */
  subscribe(listener: CameraListener): () => void;
};
