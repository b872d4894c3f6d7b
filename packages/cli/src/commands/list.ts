import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { ageOf } from '../age.ts';
import { cameraView, videoWords } from '../camera-view.ts';
import type { CameraView } from '../camera-view.ts';
import type { Command } from '../command.ts';
import { plain, tableLines } from '../output.ts';

export const listCommand: Command = {
  name: 'list',
  usage: 'list',
  summary: 'The cameras, and why those that are not ready are not',
  details: [],
  options: {},
  words: { min: 0, max: 0 },
  json: true,
  run: async ({ cluster, output, aside, format, now, signal }) => {
    const { items } = await cluster.api.list(resourceTypes.camera, { namespace: cluster.namespace }, signal);
    const cameras = items.map(cameraView).sort((a, b) => (a.name < b.name ? -1 : 1));
    if (format === 'json') {
      output.line(JSON.stringify(cameras.map(forPrograms), null, 2));
      return 0;
    }
    if (cameras.length === 0) {
      aside(`There are no cameras in namespace ${cluster.namespace}.`);
      return 0;
    }
    const lines = tableLines(
      ['NAME', 'READY', 'PHASE', 'VIDEO', 'VIEWERS', 'NODE', 'AGE', 'WHY'],
      cameras.map((camera) => [
        camera.name,
        camera.ready.word,
        camera.isLeaving ? 'Leaving' : (camera.status.phase ?? ''),
        videoWords(camera.status),
        camera.status.viewers === undefined ? '' : String(camera.status.viewers),
        camera.status.node ?? '',
        ageOf(camera.createdAt, now()),
        // Ready cameras and those that are switched off need no reason.
        camera.ready.word === 'no' || camera.ready.word === 'unknown' ? plain(camera.ready.message) : '',
      ]),
    );
    const [head = '', ...rows] = lines;
    output.line(output.tone('heading', head));
    rows.forEach((row) => output.line(row));
    return 0;
  },
};

/** A camera as `--output json` has it. */
export function forPrograms(camera: CameraView) {
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
