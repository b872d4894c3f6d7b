import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { cameraView, videoText } from '../camera-view.ts';
import type { CameraView } from '../camera-view.ts';
import type { Cluster } from '../connect.ts';
import { plain } from '../output.ts';
import { good, notChecked, unknown, wrong } from './finding.ts';
import type { Finding } from './finding.ts';

/** One finding per camera, from its status. */
export async function checkCameras(cluster: Cluster, signal: AbortSignal): Promise<Finding[]> {
  try {
    const { items } = await cluster.api.list(resourceTypes.camera, { namespace: cluster.namespace }, signal);
    if (items.length === 0) return [good('cameras', `no cameras in namespace ${cluster.namespace}`)];
    return items
      .map(cameraView)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((camera) => evaluateCamera(camera, cluster.namespace));
  } catch (error) {
    return [notChecked('cameras', error)];
  }
}

export function evaluateCamera(camera: CameraView, namespace: string): Finding {
  const about = camera.name;
  const { status, ready } = camera;
  const remedy = `camplane -n ${namespace} describe ${camera.name}`;
  if (ready.word === 'off') return good(about, 'disabled');
  if (ready.word === 'unknown') {
    return ready.reason === 'NotReconciled'
      ? wrong(about, ready.message, 'see operator and leader above')
      : unknown(about, plain(ready.message), remedy);
  }
  if (ready.word === 'no') return wrong(about, plain(ready.message) || ready.reason, remedy);
  const failing = (status.conditions ?? []).filter(
    ({ type, status }) => type !== 'Ready' && status === 'False',
  );
  const summary = [status.phase ?? '', videoText(status)].filter(Boolean).join(', ');
  if (status.phase === 'Idle' || failing.length === 0) return good(about, summary);
  return unknown(about, `${summary}; ${failing.map(({ message }) => plain(message)).join('; ')}`, remedy);
}
