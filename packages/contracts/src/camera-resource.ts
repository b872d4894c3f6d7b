import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import { cameraSpecSchema } from './camera.ts';
import { placementSchema } from './camera-placement.ts';
import type { CameraPhase } from './camera-status.ts';
import { clusterCameraIdMaxLength } from './camera-workload.ts';

/**
 * The `Camera` resource of a cluster: what people apply (`spec`) and what the operator observes (`status`).
 * The CustomResourceDefinition is generated from these schemas, so every list and string has a bound.
 */
export const cameraResourceGroup = 'camplane.dev';
export const cameraResourceVersion = 'v1alpha1';
export const cameraResourceKind = 'Camera';
export const cameraResourcePlural = 'cameras';

/** `spec`: a camera's configuration, and where in the cluster it runs, which the HTTP API does not know. */
export const cameraResourceSpecSchema = cameraSpecSchema.extend({
  placement: placementSchema.prefault({}),
});
export type CameraResourceSpec = z.infer<typeof cameraResourceSpecSchema>;

/** {@link CameraPhase} as Kubernetes writes phases. */
export const cameraResourcePhaseSchema = z.enum([
  'Stopped',
  'Starting',
  'Running',
  'Idle',
  'Error',
  'Stopping',
]);
export type CameraResourcePhase = z.infer<typeof cameraResourcePhaseSchema>;

export const cameraResourcePhases: Readonly<Record<CameraPhase, CameraResourcePhase>> = {
  STOPPED: 'Stopped',
  STARTING: 'Starting',
  RUNNING: 'Running',
  IDLE: 'Idle',
  ERROR: 'Error',
  STOPPING: 'Stopping',
};

/**
 * A condition (Kubernetes API conventions, "Typical status properties"). Its type is any word, not one of a
 * list: a cluster whose CustomResourceDefinition is older than its operator must not refuse what that observes.
 */
export const cameraResourceConditionSchema = z.strictObject({
  type: z.string().min(1).max(64),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().min(1).max(64),
  message: z.string().max(1024),
  lastTransitionTime: z.iso.datetime(),
  observedGeneration: z.int().min(0),
});
export type CameraResourceCondition = z.infer<typeof cameraResourceConditionSchema>;

const addressSchema = z.string().max(2048);
const addressesSchema = z.strictObject({ rtsp: addressSchema, hls: addressSchema, webrtc: addressSchema });

/** What was observed of a camera in a cluster. What is not known is absent: a merge patch takes null for removal. */
export const cameraResourceStatusSchema = z.strictObject({
  phase: cameraResourcePhaseSchema.optional(),
  /** One of each type. */
  conditions: z.array(cameraResourceConditionSchema).max(16).optional(),
  video: z
    .strictObject({
      codec: z.string().max(32),
      width: z.int().min(0),
      height: z.int().min(0),
      /** `1920x1080`: a printer column shows one field, and cannot put two together. */
      size: z.string().max(16),
      fps: z.number().min(0).optional(),
    })
    .optional(),
  viewers: z.int().min(0).optional(),
  restarts: z.int().min(0).optional(),
  lastFrameTime: z.iso.datetime().optional(),
  endpoints: addressesSchema.extend({ sub: addressesSchema.optional() }).optional(),
  /** The node that the camera's pod runs on. */
  node: z.string().max(253).optional(),
  /** The generation of the spec that the status was observed of. */
  observedGeneration: z.int().min(0).optional(),
});
export type CameraResourceStatus = z.infer<typeof cameraResourceStatusSchema>;

/** A `Camera` as the API server gives it. Of the metadata only what Camplane reads; the rest passes unseen. */
export const cameraResourceSchema = z.object({
  apiVersion: z.literal(`${cameraResourceGroup}/${cameraResourceVersion}`),
  kind: z.literal(cameraResourceKind),
  metadata: z.looseObject({
    name: cameraIdSchema.max(
      clusterCameraIdMaxLength,
      `must be at most ${clusterCameraIdMaxLength} characters`,
    ),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    generation: z.int().optional(),
    resourceVersion: z.string().optional(),
  }),
  spec: cameraResourceSpecSchema,
  status: cameraResourceStatusSchema.optional(),
});
export type CameraResource = z.infer<typeof cameraResourceSchema>;
