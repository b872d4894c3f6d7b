import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { nearestName } from '@camplane/service-kit/nearest-name';
import { cameraView } from './camera-view.ts';
import type { CameraView } from './camera-view.ts';
import type { Cluster } from './connect.ts';
import { CommandError, UsageError } from './command-errors.ts';

/** @throws CommandError that suggests a camera with a similar name */
export async function findCamera(cluster: Cluster, id: string, signal: AbortSignal): Promise<CameraView> {
  if (!cameraIdSchema.safeParse(id).success) {
    throw new UsageError(`invalid camera id '${id}', use lower-case letters, digits and hyphens`);
  }
  const { api, namespace } = cluster;
  const object = await api.get(resourceTypes.camera, { namespace, name: id }, signal);
  if (object) return cameraView(object);
  const { items } = await api.list(resourceTypes.camera, { namespace, metadataOnly: true }, signal);
  const near = nearestName(
    id,
    items.map(({ metadata }) => metadata.name),
  );
  const hint =
    items.length === 0
      ? 'the namespace has no cameras, check --namespace'
      : near === undefined
        ? 'see camplane list'
        : `did you mean '${near}'?`;
  throw new CommandError(`no camera '${id}' in namespace ${namespace}, ${hint}`);
}
