import { z } from 'zod';

/**
 * Where in a cluster a camera's pod may run, and what of a node it is given: `spec.placement` of the `Camera`
 * resource. It is no part of the HTTP API, which knows no nodes. What Kubernetes would refuse of a pod is refused
 * here, where somebody sees it.
 */

/** A qualified name of Kubernetes: `zone`, `kubernetes.io/hostname`. */
const qualifiedName =
  /^(?=.{1,317}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
/** With a prefix, which a resource that is not Kubernetes' own must have. */
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
  .regex(
    labelValue,
    'must be the value of a label: at most 63 letters, digits, hyphens, dots and underscores',
  );

/** `maxProperties` is for the cluster's definition: zod has no bound of its own for a record. */
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
    /** Empty, with `Exists`: every taint. */
    key: z
      .string()
      .max(namesMaxLength)
      .refine((key) => key === '' || qualifiedName.test(key), 'must be the key of a taint')
      .default(''),
    operator: z.enum(['Equal', 'Exists']).default('Equal'),
    value: labelValueSchema.default(''),
    /** Absent: every effect. */
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    /** How long the pod stays on a node that was given a `NoExecute` taint; absent: for ever. */
    tolerationSeconds: z.int().min(0).max(86_400).optional(),
  })
  .refine(({ key, operator }) => key !== '' || operator === 'Exists', {
    error: 'must have a key, or the operator Exists for every taint',
  })
  .refine(({ operator, value }) => operator !== 'Exists' || value === '', {
    error: 'must not have a value with the operator Exists',
  })
  .refine(({ effect, tolerationSeconds }) => tolerationSeconds === undefined || effect === 'NoExecute', {
    error: 'must have the effect NoExecute where it has tolerationSeconds',
  });
export type Toleration = z.infer<typeof tolerationSchema>;

export const placementSchema = z.strictObject({
  /** Labels that the node must have. */
  nodeSelector: boundedRecord(labelKeySchema, labelValueSchema).default({}),
  tolerations: z
    .array(tolerationSchema)
    .max(placementEntriesMax, `must have at most ${placementEntriesMax} tolerations`)
    .default([]),
  /** Devices and the like that a node offers beside processor and memory, by number: `nvidia.com/gpu: 1`. */
  extendedResources: boundedRecord(
    z
      .string()
      .max(namesMaxLength)
      .regex(resourceName, 'must be the name of a resource with its domain: nvidia.com/gpu'),
    z.int().min(1, 'must be between 1 and 64').max(64, 'must be between 1 and 64'),
  ).default({}),
});
export type Placement = z.infer<typeof placementSchema>;
