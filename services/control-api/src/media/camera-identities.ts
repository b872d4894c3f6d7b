import type { CameraIdentity } from '../access/authorize.ts';
import type { CameraRegistry } from '../cameras/registry.ts';

/** Id and labels of every registered camera, in memory. */
export function cameraIdentities(registry: Pick<CameraRegistry, 'subscribe'>) {
  const identities = new Map<string, CameraIdentity>();
  registry.subscribe((change) => {
    if (change.type === 'removed') identities.delete(change.id);
    else identities.set(change.camera.id, { id: change.camera.id, labels: change.camera.spec.labels ?? {} });
  });
  return { identity: (id: string): CameraIdentity | undefined => identities.get(id) };
}
