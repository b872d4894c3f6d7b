import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';

/** The phases of R3.3, and IDLE: an on-demand camera without viewers. */
export const cameraPhaseSchema = z.enum(['STOPPED', 'STARTING', 'RUNNING', 'IDLE', 'ERROR', 'STOPPING']);
export type CameraPhase = z.infer<typeof cameraPhaseSchema>;

/** Why a stream fails: the `reason` of its conditions and a label of the restart metric. */
export const streamFailureKindSchema = z.enum([
  'CredentialsRefused', // 401, 403: retried rarely, so that the account is not locked
  'NotFound', // 404, or a missing file or device
  'HostNotFound',
  'AddressRefused', // not in CAMPLANE_CAMERA_NETWORKS
  'ConnectionRefused',
  'TimedOut',
  'TooManyConnections', // RTSP 453
  'Redirected', // not followed: a redirect may lead inside the cluster
  'TransportRefused', // RTSP 461: the other transport is needed
  'TrackRefused', // SETUP of the video was refused
  'PlayRefused', // PLAY was refused
  'UnsupportedCodec',
  'InvalidData',
  'NoVideo', // connected, no video stream
  'NoFirstFrame', // connected, no frame before the start deadline
  'Stalled', // no more frames after the first
  'ClockJumped', // the camera's timestamps jumped: restarted at once
  'Ended', // the camera or FFmpeg closed the stream
  'ProcessorLimitExceeded', // stopped because it used more of the processors than allowed
  'Killed', // the process was killed from outside
  'MediaServerUnavailable',
  'ProgramMissing',
  'Internal',
]);
export type StreamFailureKind = z.infer<typeof streamFailureKindSchema>;

export const conditionTypeSchema = z.enum([
  'Ready',
  'Connected',
  'FramesFlowing',
  'Readable',
  'FramesDelivered', // absent if detection is off
  'BrowserPlayable',
  'SubStreamReady', // absent without a sub stream
]);
export type ConditionType = z.infer<typeof conditionTypeSchema>;

/** A Kubernetes condition (API conventions, "Typical status properties"). */
export const conditionSchema = z.object({
  type: conditionTypeSchema,
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().max(64),
  message: z.string().max(1024),
  lastTransitionTime: z.iso.datetime(),
  observedGeneration: z.int(),
});
export type Condition = z.infer<typeof conditionSchema>;

export const videoStatusSchema = z.object({
  codec: z.string().max(32),
  width: z.int(),
  height: z.int(),
  /** Measured frames per second; null before the second report. */
  fps: z.number().nullable(),
});
export type VideoStatus = z.infer<typeof videoStatusSchema>;

export const endpointsSchema = z.object({
  rtsp: z.string(),
  hls: z.string(),
  webrtc: z.string(),
  /** The sub stream; null if not configured. */
  sub: z.object({ rtsp: z.string(), hls: z.string(), webrtc: z.string() }).nullable(),
});
export type Endpoints = z.infer<typeof endpointsSchema>;

/** The CameraStatus of R2.2 with phase, reason and observations. Observed state only. */
export const cameraStatusSchema = z.object({
  cameraId: cameraIdSchema,
  phase: cameraPhaseSchema,
  /** Why the camera is in this phase: a CamelCase word for programs; `message` is a sentence for people. */
  reason: z.string().max(64),
  message: z.string().max(1024),
  isRunning: z.boolean(),
  viewerCount: z.int().min(0),
  peerConnectionCount: z.int().min(0),
  /** The protocol that most browser viewers use; null without any. */
  streamType: z.enum(['webrtc', 'hls']).nullable(),
  uptimeSeconds: z.number().min(0),
  /** Time of the last video frame (ISO 8601). */
  lastFrameTime: z.iso.datetime().nullable(),
  /** Time of this status, which is the heartbeat. */
  lastHeartbeat: z.iso.datetime(),
  restarts: z.int().min(0),
  /** Time of the next attempt to start, during backoff. */
  nextAttemptTime: z.iso.datetime().nullable(),
  video: videoStatusSchema.nullable(),
  conditions: z.array(conditionSchema).max(16),
  endpoints: endpointsSchema,
});
export type CameraStatus = z.infer<typeof cameraStatusSchema>;
