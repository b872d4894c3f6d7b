import { z } from 'zod';

/*
 * `spec.placement` of the `Camera` resource: on which nodes the pod of a camera may run, and which extended resources it
 * requests. The HTTP API does not have it. Values that Kubernetes would refuse in a pod are refused here, where the
 * author sees the error.
 */

/** A Kubernetes qualified name: `zone`, `kubernetes.io/hostname`. */
const qualifiedName =
  /^(?=.{1,317}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
/** A qualified name with the prefix that extended resources require. */
const resourceName =
  /^(?=.{1,317}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\/[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

export const placementEntriesMax = 16;
const namesMaxLength = 317;

const labelKeySchema = z
  .string()
  .max(namesMaxLength)
  .regex(qualifiedName, 'must be the key of a label: zone, or kubernetes.io/hostname');
const labelValueSchema = z
  .string()
  .max(63)
  .regex(labelValue, 'must be a label value: at most 63 letters, digits, hyphens, dots and underscores');

/** zod has no maximum for records, so `maxProperties` is added for the CRD. */
function boundedRecord<V extends z.ZodType>(key: z.ZodString, value: V) {
  return z
    .record(key, value)
    .refine((record) => Object.keys(record).length <= placementEntriesMax, {
      error: `must have at most ${placementEntriesMax} entries`,
    })
    .meta({ maxProperties: placementEntriesMax });
}

export const tolerationSchema = z
  .strictObject({
    /** Empty with `Exists`: tolerates every taint. */
    key: z
      .string()
      .max(namesMaxLength)
      .refine((key) => key === '' || qualifiedName.test(key), 'must be a taint key')
      .default(''),
    operator: z.enum(['Equal', 'Exists']).default('Equal'),
    value: labelValueSchema.default(''),
    /** Absent: every effect. */
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    /** How long the pod stays on a node after a `NoExecute` taint was added; absent: forever. */
    tolerationSeconds: z.int().min(0).max(86_400).optional(),
  })
  .refine(({ key, operator }) => key !== '' || operator === 'Exists', {
    error: 'must have a key, or the operator Exists for every taint',
  })
  .refine(({ operator, value }) => operator !== 'Exists' || value === '', {
    error: 'must not have a value with the operator Exists',
  })
  .refine(({ effect, tolerationSeconds }) => tolerationSeconds === undefined || effect === 'NoExecute', {
    error: 'must have the effect NoExecute if tolerationSeconds is set',
  });
export type Toleration = z.infer<typeof tolerationSchema>;

export const placementSchema = z.strictObject({
  /** Labels that the node must have. */
  nodeSelector: boundedRecord(labelKeySchema, labelValueSchema).default({}),
  tolerations: z
    .array(tolerationSchema)
    .max(placementEntriesMax, `must have at most ${placementEntriesMax} tolerations`)
    .default([]),
  /** Extended resources of a node, such as devices, with their count: `nvidia.com/gpu: 1`. */
  extendedResources: boundedRecord(
    z
      .string()
      .max(namesMaxLength)
      .regex(resourceName, 'must be a resource name with its domain: nvidia.com/gpu'),
    z.int().min(1, 'must be between 1 and 64').max(64, 'must be between 1 and 64'),
  ).default({}),
});
export type Placement = z.infer<typeof placementSchema>;
