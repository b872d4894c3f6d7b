import type { ViewerAddresses } from '@camplane/mediamtx/viewer-addresses';
import type { LogLevel } from '@camplane/service-kit/environment-values';

/** Settings for all cameras of an installation. */
export type OperatorSettings = {
  images: { cameraService: string; mediaMtx: string };
  imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Image pull Secrets. */
  imagePullSecrets: readonly string[];
  /** `host:port,host:port`; null: frames and statuses stay in the camera pod. */
  kafkaBrokers: string | null;
  /** `variables`: TLS and login of camera pods at Kafka, with files in the Secret, which they mount. Not set: plain text. */
  kafka?: { secret: string | null; variables: Readonly<Record<string, string | null>> };
  /** Maximum frames per second for detection. */
  maxFps: number;
  /** Where cameras may be: `CAMPLANE_CAMERA_NETWORKS` of camera-service. Null: its default. */
  cameraNetworks: string | null;
  /** Limits of FFmpeg, `FFMPEG_*` of camera-service, that differ from its defaults. */
  ffmpegLimits: Readonly<Record<string, string>>;
  /** Public addresses for viewers. */
  addresses: ViewerAddresses;
  /**
   * Device plugin resource for video devices; `{device}` is replaced by the device name, such as `video0`. Null: `v4l2:`
   * cameras cannot run.
   */
  videoDeviceResource: string | null;
  /** PersistentVolumeClaim with the files of `file:` cameras. Null: they cannot run. */
  mediaClaim: string | null;
  /** Metrics of camera pods need no token. */
  openMetrics?: boolean;
  /**
   * Secret with the passwords of camera pods: `read-password` of edges, and those of the services that call camera-service. Null:
   * every client that reaches their ports may read them.
   */
  mediaSecret: string | null;
  logLevel: LogLevel;
};
