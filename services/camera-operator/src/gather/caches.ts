import { credentialsLabel } from '@camplane/contracts/camera-secret';
import { cameraLabel, workloadLabels } from '@camplane/contracts/camera-workload';
import { createResourceCache } from '@camplane/kubernetes/create-resource-cache';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { ResourceCache } from '@camplane/kubernetes/resource-cache';
import type { Logger } from '@camplane/service-kit/logging';
import type { Clock } from '@camplane/runtime/clock';
import { cameraOfWorkload } from './camera-keys.ts';

export type Caches = Record<
  'cameras' | 'deployments' | 'services' | 'configMaps' | 'secrets' | 'pods' | 'edgePods',
  ResourceCache<KubernetesObject>
>;

/** The resources that the operator watches in its namespace. */
export function createCaches(options: {
  api: Pick<KubernetesApi, 'list' | 'watch'>;
  namespace: string;
  edgeSelector: string;
  log: Logger;
  clock: Clock;
  random: () => number;
}): Caches {
  const { edgeSelector, ...shared } = options;
  return {
    cameras: createResourceCache({ ...shared, type: resourceTypes.camera }),
    // Without a label selector, to detect objects of other owners with a camera's name.
    deployments: createResourceCache({
      ...shared,
      type: resourceTypes.deployment,
      keep: withoutForeignBodies,
    }),
    services: createResourceCache({ ...shared, type: resourceTypes.service, keep: withoutForeignBodies }),
    configMaps: createResourceCache({ ...shared, type: resourceTypes.configMap, keep: withoutForeignBodies }),
    secrets: createResourceCache({
      ...{ ...shared, type: resourceTypes.secret, metadataOnly: true, keep: withPermissions },
    }),
    pods: createResourceCache({
      ...{ ...shared, type: resourceTypes.pod, keep: withoutContainers },
      labelSelector: `${cameraLabel},app.kubernetes.io/name=${workloadLabels['app.kubernetes.io/name']}`,
    }),
    edgePods: createResourceCache({
      ...{ ...shared, type: resourceTypes.pod, keep: withoutContainers, labelSelector: edgeSelector },
    }),
  };
}

/** Keeps only the metadata of objects that are not Camplane's, to save memory. */
function withoutForeignBodies(object: KubernetesObject): KubernetesObject {
  if (cameraOfWorkload(object.metadata.name) !== undefined) return object;
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return { ...object, ...emptyBody, metadata: { name, ...defined({ namespace, uid, resourceVersion }) } };
}

const emptyBody = { spec: undefined, status: undefined, data: undefined, binaryData: undefined };

/** Drops the annotations of a Secret: `kubectl apply` copies its values into one. */
function withPermissions({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, ownerReferences } = metadata;
  const permission = metadata.labels?.[credentialsLabel];
  const labels = permission === undefined ? undefined : { [credentialsLabel]: permission };
  const kept = defined({ namespace, uid, resourceVersion, labels, ownerReferences });
  return { apiVersion, kind, metadata: { name, ...kept } };
}

/** Keeps only the node name of a pod's spec, to save memory. */
function withoutContainers(pod: KubernetesObject): KubernetesObject {
  const { spec } = pod as { spec?: { nodeName?: string } };
  return { ...pod, ...{ spec: { nodeName: spec?.nodeName } } };
}

function defined<T extends object>(values: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };
}
