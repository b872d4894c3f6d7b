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
 * A hash of the object as it was wanted when it was last applied. What is no longer wanted cannot be seen by
 * comparing what is wanted with what is there; by this it can.
 */
export const appliedAnnotation = 'camplane.dev/applied';

/** Of a camera's pods: by this the Deployment and the Service select. It cannot be changed later. */
export function selectorOf(cameraId: string): Record<string, string> {
  return { [cameraLabel]: cameraId };
}

export function labelsOf(cameraId: string): Record<string, string> {
  return { ...workloadLabels, 'app.kubernetes.io/instance': cameraId, [cameraLabel]: cameraId };
}

/** Metadata of an object that belongs to a camera: it goes when the camera goes. */
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

/** The object with its own hash on it. */
export function stamped<T extends KubernetesObject>(object: T): T {
  const annotations = { ...object.metadata.annotations, [appliedAnnotation]: hashOf(object) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Whether an object of a camera's name was made for that camera, by any operator at any time. */
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
