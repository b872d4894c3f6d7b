import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import { cameraSpecSchema } from './camera.ts';
import { placementSchema } from './camera-placement.ts';
import type { CameraPhase } from './camera-status.ts';
import { clusterCameraIdMaxLength } from './camera-workload.ts';

/*
 * The `Camera` resource: desired state (`spec`) and observed state (`status`). The CustomResourceDefinition is generated
 * from these schemas, so every list and string has a maximum.
 */
export const cameraResourceGroup = 'camplane.dev';
export const cameraResourceVersion = 'v1alpha1';
export const cameraResourceKind = 'Camera';
export const cameraResourcePlural = 'cameras';

/** `spec`: the configuration of a camera and its placement, which the HTTP API does not have. */
export const cameraResourceSpecSchema = cameraSpecSchema.omit({ labels: true }).extend({
  placement: placementSchema.prefault({}),
});
export type CameraResourceSpec = z.infer<typeof cameraResourceSpecSchema>;

/** {@link CameraPhase} in the spelling of Kubernetes phases. */
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
 * A condition (Kubernetes API conventions, "Typical status properties"). `type` is not an enumeration, so that an older
 * CustomResourceDefinition accepts the conditions of a newer operator.
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

/** The observed state of a camera. Unknown fields are absent: null in a merge patch means removal. */
export const cameraResourceStatusSchema = z.strictObject({
  phase: cameraResourcePhaseSchema.optional(),
  /** At most one for each type. */
  conditions: z.array(cameraResourceConditionSchema).max(16).optional(),
  video: z
    .strictObject({
      codec: z.string().max(32),
      width: z.int().min(0),
      height: z.int().min(0),
      /** `1920x1080`, for the printer column, which cannot combine fields. */
      size: z.string().max(16),
      fps: z.number().min(0).optional(),
    })
    .optional(),
  viewers: z.int().min(0).optional(),
  restarts: z.int().min(0).optional(),
  lastFrameTime: z.iso.datetime().optional(),
  endpoints: addressesSchema.extend({ sub: addressesSchema.optional() }).optional(),
  /** The node that runs the pod of the camera. */
  node: z.string().max(253).optional(),
  /** The generation of the spec that the status describes. */
  observedGeneration: z.int().min(0).optional(),
});
export type CameraResourceStatus = z.infer<typeof cameraResourceStatusSchema>;

/** A `Camera` as the API server returns it, with the metadata that Camplane reads. */
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
