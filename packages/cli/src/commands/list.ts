import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { ageOf } from '../age.ts';
import { cameraView, videoText } from '../camera-view.ts';
import type { CameraView } from '../camera-view.ts';
import type { Command } from '../command.ts';
import { plain, tableLines } from '../output.ts';

export const listCommand: Command = {
  name: 'list',
  usage: 'list',
  summary: 'List the cameras, with the reason for those that are not ready',
  details: [],
  options: {},
  positionals: { min: 0, max: 0 },
  json: true,
  run: async ({ cluster, output, note, format, now, signal }) => {
    const { items } = await cluster.api.list(resourceTypes.camera, { namespace: cluster.namespace }, signal);
    const cameras = items.map(cameraView).sort((a, b) => (a.name < b.name ? -1 : 1));
    if (format === 'json') {
      output.line(JSON.stringify(cameras.map(cameraJson), null, 2));
      return 0;
    }
    if (cameras.length === 0) {
      note(`No cameras in namespace ${cluster.namespace}.`);
      return 0;
    }
    const lines = tableLines(
      ['NAME', 'READY', 'PHASE', 'VIDEO', 'VIEWERS', 'NODE', 'AGE', 'WHY'],
      cameras.map((camera) => [
        camera.name,
        camera.ready.word,
        camera.isTerminating ? 'Terminating' : (camera.status.phase ?? ''),
        videoText(camera.status),
        camera.status.viewers === undefined ? '' : String(camera.status.viewers),
        camera.status.node ?? '',
        ageOf(camera.createdAt, now()),
        // Ready and disabled cameras need no reason.
        camera.ready.word === 'no' || camera.ready.word === 'unknown' ? plain(camera.ready.message) : '',
      ]),
    );
    const [head = '', ...rows] = lines;
    output.line(output.tone('heading', head));
    rows.forEach((row) => output.line(row));
    return 0;
  },
};

/** A camera in `--output json`. */
export function cameraJson(camera: CameraView) {
  const { name, displayName, enabled, ready, status } = camera;
  return {
    name,
    displayName,
    enabled,
    ready: ready.word === 'yes',
    phase: status.phase ?? null,
    reason: ready.reason,
    message: ready.message,
    video: status.video ?? null,
    viewers: status.viewers ?? null,
    restarts: status.restarts ?? null,
    node: status.node ?? null,
    createdAt: camera.createdAt ?? null,
  };
}
