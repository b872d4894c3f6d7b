import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { nearestName } from '@camplane/service-kit/nearest-name';
import { cameraView } from './camera-view.ts';
import type { CameraView } from './camera-view.ts';
import type { Cluster } from './connect.ts';
import { CommandError, UsageError } from './usage-error.ts';

/** The camera of that name. @throws CommandError that names one that is nearly called so */
export async function findCamera(cluster: Cluster, id: string, signal: AbortSignal): Promise<CameraView> {
  if (!cameraIdSchema.safeParse(id).success) {
    throw new UsageError(`'${id}' cannot be a camera's id: lower-case letters, digits and hyphens`);
  }
  const { api, namespace } = cluster;
  const object = await api.get(resourceTypes.camera, { namespace, name: id }, signal);
  if (object) return cameraView(object);
  const { items } = await api.list(resourceTypes.camera, { namespace, metadataOnly: true }, signal);
  const near = nearestName(
    id,
    items.map(({ metadata }) => metadata.name),
  );
  const known =
    items.length === 0
      ? 'there is none at all: is it the right --namespace?'
      : near === undefined
        ? 'camplane list shows those that there are'
        : `did you mean '${near}'?`;
  throw new CommandError(`there is no camera '${id}' in namespace ${namespace}: ${known}`);
}
