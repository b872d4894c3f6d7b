import type { CreateCamera } from '@camplane/contracts/camera-http';
import type { CameraChange, CameraConfig, CameraInput } from '@camplane/contracts/camera';

/** A camera with the times of its record (ISO 8601). */
export type CameraRecord = CameraConfig & { createdAt: string; updatedAt: string };

export type CameraListener = (change: CameraChange) => void;

/**
 * A new configuration, or a function of the stored camera, which no other change comes between; `undefined`: it is
 * stored and invalid. The function may run several times, and refuses the change by throwing.
 */
export type CameraUpdate = CameraInput | ((stored: CameraRecord | undefined) => CameraInput);

/**
 * The store of cameras: the database, or the `Camera` resources of a cluster. Every method may throw CamplaneError
 * `store-unavailable`.
 */
export type CameraRegistry = {
  list(): Promise<CameraRecord[]>;
  get(id: string): Promise<CameraRecord | undefined>;
  /** @throws CamplaneError `camera-exists`, `camera-limit` */
  create(input: CreateCamera): Promise<CameraRecord>;
  /** @throws CamplaneError `camera-not-found`; `invalid-body` if stored credentials would go to another host */
  replace(id: string, update: CameraUpdate): Promise<CameraRecord>;
  /** Enables the camera and ends its backoff. @throws CamplaneError `camera-not-found` */
  requestStart(id: string): Promise<CameraRecord>;
  /**
   * Disables the camera.
   *
   * @param check of the stored camera, which no other change comes between; it refuses the stop by throwing
   * @throws CamplaneError `camera-not-found`
   */
  requestStop(id: string, check?: (stored: CameraRecord | undefined) => void): Promise<CameraRecord>;
  /** @throws CamplaneError `camera-not-found` */
  remove(id: string): Promise<void>;
  /**
   * Notifies of every later change, including those of other processes, in order. Intermediate states may be skipped.
   * To follow all cameras, subscribe, then list. If the store is unavailable at that time, every camera is reported as
   * `changed` once it is available.
   *
   * @returns unsubscribes
   */
  subscribe(listener: CameraListener): () => void;
};
