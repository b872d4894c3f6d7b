import type { MetricsAccess } from '@camplane/service-kit/metrics-access';
import type { ServicePasswords } from '@camplane/service-kit/service-fetch';
import type { TlsFiles } from '@camplane/service-kit/tls-files';
import type { ExternalConfig } from './access/external/external-config.ts';
import type { MediaConfig } from './media/media-config.ts';

/** Configuration of control-api. Limits have defaults for one machine; tests make them small. */
export type ControlApiConfig = ExternalConfig & {
  /** `none`: every caller may do everything, on loopback only. */
  auth: 'local' | 'none';
  /** Password of the first administrator; absent: a random one, written to `dataDir`. */
  adminPassword?: string;
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** Certificate and key of the listener; absent: plain HTTP. */
  tls?: TlsFiles;
  /** A PostgreSQL server; absent: the embedded database in `dataDir`. */
  databaseUrl?: string;
  /** Authorities of its certificate, in PEM. */
  databaseCaFile?: string;
  dataDir: string;
  /** Key of stored camera credentials; see `credentials/load-keys.ts`. */
  credentialsKey?: string;
  credentialsKeyFile?: string;
  credentialsKeyPrevious?: string;
  /** PostgreSQL program of the embedded database; absent: that of the npm package, or one on `searchPath`. */
  postgresBin?: string;
  /** PATH. */
  searchPath?: string;
  /** camera-service for probes, and for snapshots unless `cameraUrl` is set. */
  cameraServiceUrl: string;
  /** Sent to every camera-service. */
  cameraServicePasswords?: ServicePasswords;
  /** URL of the camera-service of each camera, with `{id}` for the camera id. */
  cameraUrl?: string;
  /** Who may read `/metrics` in addition to users. */
  metrics?: MetricsAccess;
  /** Serves live JPEG; absent: it is not available. */
  streamProxy?: { url: string; secret: string };
  dashboardDir?: string;
  maxCameras: number;
  /** Other origins that may make changes and follow events. */
  allowedOrigins: readonly string[];
  /** Accepted host names, in addition to loopback names and IP addresses. */
  allowedHosts: readonly string[];
  /** HLS and WebRTC origins of MediaMTX, for the content security policy. */
  mediaOrigins: readonly string[];
  media?: MediaConfig;
  /** Folder of detection images; default: `frames` in `dataDir`. */
  frameStoragePath?: string;
  frameRetentionDays?: number;
  frameStorageMaxBytes?: number;
  detectionRetentionDays?: number;
  auditRetentionDays?: number;
  limits?: Partial<Limits>;
};

export type Limits = {
  bodyMaxBytes: number;
  writesPerMinute: number;
  probesPerMinute: number;
  /** Attempts to sign in, from one address. */
  loginsPerMinute: number;
  snapshotMaxBytes: number;
  snapshotTimeoutMs: number;
  probeAnswerMaxBytes: number;
  probeTimeoutMs: number;
  /** How long a stop or deletion waits until the camera reports STOPPED. */
  stopWaitMs: number;
  /** Interval of reading the store for changes by other processes. */
  resyncIntervalMs: number;
  eventClientsMax: number;
  /** Connections for live JPEG of many cameras. */
  liveClientsMax: number;
  eventMessageMaxBytes: number;
  /** Maximum unsent data of one event client before it is disconnected. */
  eventBacklogMaxBytes: number;
  eventPingIntervalMs: number;
  /** Maximum detections waiting for the database. */
  detectionsWaitingMax: number;
  detectionBatchMaxResults: number;
  detectionBatchMaxRows: number;
  /** How long an incomplete batch waits for more results. */
  detectionLingerMs: number;
  /** How long a stop waits until accepted detections are stored. */
  detectionFlushMs: number;
  /** Interval of deleting expired images and detections. */
  retentionIntervalMs: number;
};

export const defaultRetention = {
  frameRetentionDays: 7,
  frameStorageMaxBytes: 2 * 1024 * 1024 * 1024,
  detectionRetentionDays: 30,
  auditRetentionDays: 90,
};

export const defaultLimits: Limits = {
  bodyMaxBytes: 64 * 1024,
  writesPerMinute: 300,
  probesPerMinute: 60,
  loginsPerMinute: 30,
  snapshotMaxBytes: 8 * 1024 * 1024,
  /** Longer than camera-service waits for a frame, so that its reason arrives. */
  snapshotTimeoutMs: 16_000,
  probeAnswerMaxBytes: 4 * 1024 * 1024,
  // A camera without key frames is observed for more than 20 s.
  probeTimeoutMs: 45_000,
  stopWaitMs: 7_000,
  resyncIntervalMs: 10_000,
  eventClientsMax: 200,
  liveClientsMax: 200,
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
