import {
  cameraResourceGroup,
  cameraResourceKind,
  cameraResourcePlural,
  cameraResourceVersion,
} from '@camplane/contracts/camera-resource';

/** The metadata that Camplane reads, of any object. */
export type ObjectMeta = {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: unknown[];
};

export type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

export type KubernetesObject = { apiVersion: string; kind: string; metadata: ObjectMeta };

/** A kind of resource as in API paths. `group` is empty for the core group. */
export type ResourceType = { group: string; version: string; plural: string; kind: string };

export const resourceTypes = {
  camera: {
    group: cameraResourceGroup,
    version: cameraResourceVersion,
    plural: cameraResourcePlural,
    kind: cameraResourceKind,
  },
  configMap: { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' },
  secret: { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' },
  service: { group: '', version: 'v1', plural: 'services', kind: 'Service' },
  pod: { group: '', version: 'v1', plural: 'pods', kind: 'Pod' },
  event: { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' },
  deployment: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment' },
  lease: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' },
} as const satisfies Record<string, ResourceType>;
