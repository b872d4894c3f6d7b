import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';

/** R3.3's words, and IDLE: an on-demand camera that nobody is watching. */
export const cameraPhaseSchema = z.enum(['STOPPED', 'STARTING', 'RUNNING', 'IDLE', 'ERROR', 'STOPPING']);
export type CameraPhase = z.infer<typeof cameraPhaseSchema>;

/** Ways in which a camera's stream fails: the `reason` of its conditions, and the label of the restart metric. */
export const streamFailureKindSchema = z.enum([
  'CredentialsRefused', // 401, 403: latched, so that no account is locked
  'NotFound', // 404, or a file or device that is not there
  'HostNotFound',
  'ConnectionRefused',
  'TimedOut',
  'TooManyConnections', // RTSP 453
  'Redirected', // followed nowhere: a redirect may lead inside the cluster
  'UnsupportedCodec',
  'InvalidData',
  'NoVideo', // connected, but no video stream
  'NoFirstFrame', // connected, but no frame within the start deadline
  'Stalled', // frames came, then none
  'Ended', // the camera or FFmpeg ended the stream
  'Killed', // the process was ended by a signal nobody here sent
  'MediaServerUnavailable',
  'ProgramMissing',
  'Internal',
]);
export type StreamFailureKind = z.infer<typeof streamFailureKindSchema>;

export const conditionTypeSchema = z.enum(['Ready', 'Connected', 'FramesFlowing', 'BrowserPlayable']);
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
  /** Frames a second, measured; null until two reports have come. */
  fps: z.number().nullable(),
});
export type VideoStatus = z.infer<typeof videoStatusSchema>;

export const endpointsSchema = z.object({
  rtsp: z.string(),
  hls: z.string(),
  webrtc: z.string(),
  /** The same for the sub stream, where there is one. */
  sub: z.object({ rtsp: z.string(), hls: z.string(), webrtc: z.string() }).nullable(),
});
export type Endpoints = z.infer<typeof endpointsSchema>;

/** R2.2's CameraStatus, with the phase, its reason, and what was observed. Observation only, never intent. */
export const cameraStatusSchema = z.object({
  cameraId: cameraIdSchema,
  phase: cameraPhaseSchema,
  /** CamelCase word for programs, and a sentence for people: why the camera is in this phase. */
  reason: z.string().max(64),
  message: z.string().max(1024),
  isRunning: z.boolean(),
  viewerCount: z.int().min(0),
  peerConnectionCount: z.int().min(0),
  /** What most of its viewers use now; null without viewers in a browser. */
  streamType: z.enum(['webrtc', 'hls']).nullable(),
  uptimeSeconds: z.number().min(0),
  /** When the last video frame was seen (ISO 8601). */
  lastFrameTime: z.iso.datetime().nullable(),
  /** When the status was made: the heartbeat. */
  lastHeartbeat: z.iso.datetime(),
  restarts: z.int().min(0),
  /** When the next attempt to start is due, in a pause between attempts. */
  nextAttemptTime: z.iso.datetime().nullable(),
  video: videoStatusSchema.nullable(),
  conditions: z.array(conditionSchema).max(16),
  endpoints: endpointsSchema,
});
export type CameraStatus = z.infer<typeof cameraStatusSchema>;
