import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { cameraView, videoWords } from '../camera-view.ts';
import type { CameraView } from '../camera-view.ts';
import type { Cluster } from '../connect.ts';
import { plain } from '../output.ts';
import { good, notSeen, unknown, wrong } from './finding.ts';
import type { Finding } from './finding.ts';

/** Each camera as its operator sees it. */
export async function checkCameras(cluster: Cluster, signal: AbortSignal): Promise<Finding[]> {
  try {
    const { items } = await cluster.api.list(resourceTypes.camera, { namespace: cluster.namespace }, signal);
    if (items.length === 0) return [good('cameras', `there are none in namespace ${cluster.namespace}`)];
    return items
      .map(cameraView)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((camera) => judgeCamera(camera, cluster.namespace));
  } catch (error) {
    return [notSeen('cameras', error)];
  }
}

export function judgeCamera(camera: CameraView, namespace: string): Finding {
  const about = camera.name;
  const { status, ready } = camera;
  const more = `camplane -n ${namespace} describe ${camera.name}`;
  if (ready.word === 'off') return good(about, 'switched off');
  if (ready.word === 'unknown') {
    return ready.reason === 'NotLookedAt'
      ? wrong(about, ready.message, 'see the operator and its leader above')
      : unknown(about, plain(ready.message), more);
  }
  if (ready.word === 'no') return wrong(about, plain(ready.message) || ready.reason, more);
  const amiss = (status.conditions ?? []).filter(
    ({ type, status }) => type !== 'Ready' && status === 'False',
  );
  const seen = [status.phase ?? '', videoWords(status)].filter(Boolean).join(', ');
  if (status.phase === 'Idle' || amiss.length === 0) return good(about, seen);
  return unknown(about, `${seen}; ${amiss.map(({ message }) => plain(message)).join('; ')}`, more);
}
