import { builtInRoles, permissionNameSchema } from '@camplane/contracts/access';
import type { CameraScope, PermissionName } from '@camplane/contracts/access';
import type { DetectionResult } from '@camplane/contracts/detection';
import { operationPath, operations } from '@camplane/contracts/operations';
import { detectionsTopic } from '@camplane/contracts/topics';
import { randomUUID } from 'node:crypto';
import { entryOf, jpegOf, resultOf } from '../result-of.ts';
import { eventually } from '../running-api.ts';
import type { RunningApi } from '../running-api.ts';
import { statusOf } from '../status-of.ts';
import type { MatrixCamera } from './oracle.ts';

const camera = (id: string, labels: Record<string, string>, isRegistered = true): MatrixCamera => ({
  id,
  labels,
  isRegistered,
});

/** Ids of one length, so that answers about two of them can be compared. */
export const cameras = {
  named: camera('cam-named', { site: 'south' }),
  labelled: camera('cam-label', { site: 'north', floor: '1' }),
  both: camera('cam-both0', { site: 'north' }),
  foreign: camera('cam-other', { site: 'south', north: 'site' }),
  plain: camera('cam-plain', {}),
  absent: camera('cam-gone0', {}, false),
  /** Deleted, and its detections kept. */
  deleted: camera('cam-past0', { site: 'north' }, false),
};
export const allCameras = Object.values(cameras);

export const everyPermission: readonly PermissionName[] = permissionNameSchema.options;

/** The built-in roles, and one for each combination that could confuse a check. */
export const roles: Record<string, readonly PermissionName[]> = {
  ...builtInRoles,
  watcher: ['camera.view'],
  boxes: ['detection.view'],
  fitter: ['camera.view', 'camera.configure'],
  blind: ['camera.operate', 'camera.configure'],
  clerk: ['user.manage', 'audit.view'],
};

export const scopes: Record<'all' | 'named' | 'label', CameraScope> = {
  all: { kind: 'all' },
  named: { kind: 'cameras', ids: [cameras.named.id, cameras.both.id, cameras.absent.id, cameras.deleted.id] },
  label: { kind: 'label', key: 'site', value: 'north' },
};

export type MatrixDetections = {
  /** By the name of their camera in {@link cameras}. */
  of: ReadonlyMap<MatrixCamera, string>;
  absent: string;
};

/** Adds the cameras, their statuses and a detection with an image of each. */
export async function createWorld(api: RunningApi, admin: Record<string, string>): Promise<MatrixDetections> {
  const ids = new Map<MatrixCamera, string>();
  for (const each of allCameras) {
    if (each === cameras.absent) continue;
    await expectStatus(201, api, 'createCamera', admin, {
      id: each.id,
      labels: each.labels,
      source: { url: 'rtsp://192.0.2.10/a', credentials: { username: 'u', password: 'matrix-canary' } },
    });
    const entry = entryOf();
    ids.set(each, entry.id);
    await api.bus.publish(detectionsTopic, each.id, { ...detectionOf(each, entry.id), capturedAt });
    await api.publish(statusOf(each.id));
  }
  await eventually(async () => {
    const answer: { body: unknown } = await api.call('GET', operations.listDetections.path, undefined, admin);
    const { items: found } = answer.body as { items: { imagePath: string | null }[] };
    if (found.filter(({ imagePath }) => imagePath !== null).length < ids.size) {
      throw new Error('not stored yet');
    }
  });
  const { status } = await api.call(
    'DELETE',
    operationPath('deleteCamera', { id: cameras.deleted.id }),
    undefined,
    admin,
  );
  if (status !== 204) throw new Error(`deleting a camera answered ${status}`);
  return { of: ids, absent: randomUUID() };
}

/** Later than the creation of the cameras: earlier images are those of a former camera with the id. */
const capturedAt = new Date(Date.now() + 600_000).toISOString();
/** Each camera has an image of this name. */
export const screenshotName = `${capturedAt.slice(0, 10)}-${capturedAt.slice(11, -1).replaceAll(':', '')}-1.jpg`;

export function detectionOf({ id }: MatrixCamera, detectionId: string = randomUUID()): DetectionResult {
  return resultOf(id, {
    detections: [entryOf({ id: detectionId })],
    picture: jpegOf(400).toString('base64'),
  });
}

type Change = 'createCamera' | 'createUser' | 'createToken' | 'createSession';

/** Calls an operation that has to succeed. @returns the body */
export async function expectStatus(
  status: number,
  api: RunningApi,
  operation: Change,
  headers: Record<string, string>,
  body: unknown,
): Promise<Record<string, unknown>> {
  const answer = await api.call('POST', operations[operation].path, body, headers);
  if (answer.status !== status) {
    throw new Error(`${operation} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  return answer.body as Record<string, unknown>;
}
