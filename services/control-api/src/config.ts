/** Limits have defaults for one machine; tests make them small. */
export type ControlApiConfig = {
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** A PostgreSQL server; absent: the embedded database in `dataDir`. */
  databaseUrl?: string;
  dataDir: string;
  /** PostgreSQL program of the embedded database; absent: that of the npm package, or one on `searchPath`. */
  postgresBin?: string;
  /** PATH. */
  searchPath?: string;
  /** Probes of sources come from here, and pictures where `cameraUrl` is not given. */
  cameraServiceUrl: string;
  /** Where each camera has a camera-service of its own: its address, with `{id}` in place of the camera's id. */
  cameraUrl?: string;
  dashboardDir?: string;
  maxCameras: number;
  /** Origins besides its own that may change things and follow events. */
  allowedOrigins: readonly string[];
  /** Host names besides loopback names and literal addresses under which it may be called. */
  allowedHosts: readonly string[];
  /** MediaMTX's HLS and WebRTC origins, for the content security policy. */
  mediaOrigins: readonly string[];
  /** Where pictures of detections are kept; by default `frames` in `dataDir`. */
  frameStoragePath?: string;
  frameRetentionDays?: number;
  frameStorageMaxBytes?: number;
  detectionRetentionDays?: number;
  limits?: Partial<Limits>;
};

export type Limits = {
  bodyMaxBytes: number;
  writesPerMinute: number;
  probesPerMinute: number;
  snapshotMaxBytes: number;
  snapshotTimeoutMs: number;
  probeAnswerMaxBytes: number;
  probeTimeoutMs: number;
  /** How long a stop or deletion waits for the camera's report that it has stopped. */
  stopWaitMs: number;
  /** How often the store is read again for changes made by other processes. */
  resyncIntervalMs: number;
  eventClientsMax: number;
  eventMessageMaxBytes: number;
  /** What may wait to be sent to one event client before it is dropped. */
  eventBacklogMaxBytes: number;
  eventPingIntervalMs: number;
  /** Detections that may wait for the database. */
  detectionsWaitingMax: number;
  detectionBatchMaxResults: number;
  detectionBatchMaxRows: number;
  /** How long a result waits for others to be stored with. */
  detectionLingerMs: number;
  /** How long a stop waits for what is accepted to be stored. */
  detectionFlushMs: number;
  /** How often pictures and detections past their retention are looked for. */
  retentionIntervalMs: number;
};

export const defaultRetention = {
  frameRetentionDays: 7,
  frameStorageMaxBytes: 2 * 1024 * 1024 * 1024,
  detectionRetentionDays: 30,
};

export const defaultLimits: Limits = {
  bodyMaxBytes: 64 * 1024,
  writesPerMinute: 300,
  probesPerMinute: 60,
  snapshotMaxBytes: 8 * 1024 * 1024,
  snapshotTimeoutMs: 5_000,
  probeAnswerMaxBytes: 4 * 1024 * 1024,
  probeTimeoutMs: 20_000,
  stopWaitMs: 7_000,
  resyncIntervalMs: 10_000,
  eventClientsMax: 200,
  eventMessageMaxBytes: 16 * 1024,
  eventBacklogMaxBytes: 1024 * 1024,
  eventPingIntervalMs: 15_000,
  detectionsWaitingMax: 50_000,
  detectionBatchMaxResults: 200,
  detectionBatchMaxRows: 250,
  detectionLingerMs: 20,
  detectionFlushMs: 1_500,
  retentionIntervalMs: 60_000,
};
