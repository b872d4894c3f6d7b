import type { CameraNetworkPolicy } from '@camplane/camera-source/network/camera-resolver';
import type { FfmpegLimits } from '@camplane/ffmpeg/process-limits';
import type { PathKeeper } from '@camplane/mediamtx/path-keeper';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { RestartPolicy } from '@camplane/supervisor/restart-policy';
import type { StartBudget } from '@camplane/supervisor/start-budget';
import type { Logger } from '@camplane/service-kit/logging';
import type { DetectionBox } from '../overlay/detection-boxes.ts';
import type { PathSampler } from '../sample/path-sampler.ts';
import type { SlateFiles } from '../slate/slate-files.ts';
import type { CameraMetrics } from '../status/camera-metrics.ts';

/** What every stream of a process shares. */
export type StreamDependencies = {
  clock: Clock;
  wallClock: WallClock;
  random(): number;
  /** Spreads starts over time when many cameras return together. */
  budget: StartBudget;
  policy: RestartPolicy;
  paths: PathKeeper;
  slates: SlateFiles;
  sampler: PathSampler;
  log: Logger;
  metrics: CameraMetrics;
  ffmpegPath: string;
  ffmpegLimits: FfmpegLimits;
  ffprobePath: string;
  /** Where cameras may be. */
  networkPolicy: CameraNetworkPolicy;
  /** Folder of the files of `file:` sources. */
  mediaFolder: string;
  /** Folder for FIFOs of this process. */
  runFolder: string;
  /** RTSP addresses at MediaMTX, each for one connection: to publish a path, and to read it without counting as a viewer. */
  publishUrl(path: string): string;
  tapUrl(path: string): string;
  /** The latest detections of a camera: a new array for each new result. */
  boxes(cameraId: string): readonly DetectionBox[];
};
