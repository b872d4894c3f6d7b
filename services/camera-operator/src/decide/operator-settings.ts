import type { ViewerAddresses } from '@camplane/mediamtx/viewer-addresses';
import type { LogLevel } from '@camplane/service-kit/environment-values';

/** What is the same for all cameras of an installation: the operator's own configuration, parsed. */
export type OperatorSettings = {
  images: { cameraService: string; mediaMtx: string };
  imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets for the registry of the images. */
  imagePullSecrets: readonly string[];
  /** `host:port,host:port`; null: frames and statuses stay in the camera's pod. */
  kafkaBrokers: string | null;
  /** Most frames a second that are taken of a camera for detection, whatever it asks for. */
  maxFps: number;
  /** Where viewers are told to come. */
  addresses: ViewerAddresses;
  /**
   * Name of the resource by which a device plugin gives video devices to pods, `{device}` standing for `video0` and
   * the like; null: cameras on devices (`v4l2:`) cannot run.
   */
  videoDeviceResource: string | null;
  /** The PersistentVolumeClaim with the files of `file:` cameras; null: they cannot run. */
  mediaClaim: string | null;
  logLevel: LogLevel;
};
