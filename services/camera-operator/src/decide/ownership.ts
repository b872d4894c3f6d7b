import { createHash } from 'node:crypto';
import {
  cameraResourceGroup,
  cameraResourceKind,
  cameraResourceVersion,
} from '@camplane/contracts/camera-resource';
import { cameraLabel, workloadLabels, workloadName } from '@camplane/contracts/camera-workload';
import type { KubernetesObject, ObjectMeta } from '@camplane/kubernetes/kubernetes-object';

export type CameraOwner = { id: string; uid: string; namespace: string };

/**
 * A hash of the desired object at the last apply. It reveals removed fields, which a comparison of desired and live
 * objects does not.
 */
export const appliedAnnotation = 'camplane.dev/applied';

/** Selector of the Deployment and the Service. Immutable. */
export function selectorOf(cameraId: string): Record<string, string> {
  return { [cameraLabel]: cameraId };
}

export function labelsOf(cameraId: string): Record<string, string> {
  return { ...workloadLabels, 'app.kubernetes.io/instance': cameraId, [cameraLabel]: cameraId };
}

/** Metadata of an object that is deleted with its camera. */
export function ownedMeta({ id, uid, namespace }: CameraOwner): ObjectMeta {
  return {
    name: workloadName(id),
    namespace,
    labels: labelsOf(id),
    ownerReferences: [
      {
        apiVersion: `${cameraResourceGroup}/${cameraResourceVersion}`,
        kind: cameraResourceKind,
        name: id,
        uid,
        controller: true,
        blockOwnerDeletion: false,
      },
    ],
  };
}

/** Adds `appliedAnnotation`. */
export function withAppliedHash<T extends KubernetesObject>(object: T): T {
  const annotations = { ...object.metadata.annotations, [appliedAnnotation]: hashOf(object) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Whether an operator created the object for this camera. */
export function belongsTo(object: KubernetesObject, cameraId: string): boolean {
  const { labels, ownerReferences } = object.metadata;
  const isLabelled =
    labels?.['app.kubernetes.io/managed-by'] === workloadLabels['app.kubernetes.io/managed-by'] &&
    labels[cameraLabel] === cameraId;
  return (
    isLabelled ||
    (ownerReferences ?? []).some(({ apiVersion, kind, name }) => {
      const [group] = apiVersion.split('/');
      return group === cameraResourceGroup && kind === cameraResourceKind && name === cameraId;
    })
  );
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
