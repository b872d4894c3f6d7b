import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { cameraResourceSchema } from '@camplane/contracts/camera-resource';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import { waitUntil } from '@camplane/testkit/wait-until';
import {
  applyCommittedCrd,
  applyCrdWithHomekit,
  cameraManifest,
  camerasPath,
  createCamera,
  patchCamera,
  reasonOf,
} from './testing/camera-api.ts';
import { badManifests } from './fixtures/bad-manifests.ts';

jest.setTimeout(120_000);

let api: TestKubernetesApi;
beforeAll(async () => {
  api = await startKubernetesApi();
  await applyCommittedCrd(api);
});
afterAll(async () => {
  await api?.stop();
});

const url = 'rtsp://192.0.2.10/stream1';
const observed: CameraResourceStatus = {
  phase: 'Running',
  conditions: [condition('Ready', 'FramesFlowing', 'Video is flowing.')],
  video: { codec: 'h264', width: 1920, height: 1080, size: '1920x1080', fps: 25 },
  viewers: 3,
  restarts: 0,
  lastFrameTime: '2026-11-21T12:00:00Z',
  endpoints: { rtsp: 'rtsp://edge:8554/x', hls: 'http://edge:8888/x', webrtc: 'http://edge:8889/x' },
  node: 'node-a',
  observedGeneration: 1,
};

describe('status', () => {
  it('is written separately from spec', async () => {
    const manifest = { ...cameraManifest('apart', { source: { url } }), status: { phase: 'Running' } };
    const created = await stored(createCamera(api, manifest, { dryRun: false }));
    expect(created.status).toBeUndefined();
    expect(created.metadata.generation).toBe(1);

    const spec = { enabled: false };
    const withStatus = await stored(patchCamera(api, 'apart', { spec, status: observed }, '/status'));
    expect(withStatus.status).toEqual(observed);
    expect(withStatus.spec).toEqual(created.spec);
    expect(withStatus.metadata.generation).toBe(1);
    expect(cameraResourceSchema.parse(withStatus).status).toEqual(observed);

    const withSpec = await stored(patchCamera(api, 'apart', { spec, status: { phase: 'Stopped' } }));
    expect(withSpec.spec).toEqual({ ...(created.spec as object), enabled: false });
    expect(withSpec.status).toEqual(observed);
    expect(withSpec.metadata.generation).toBe(2);
  });

  it.each<[what: string, status: unknown, field: string]>([
    ['a phase of the HTTP API', { phase: 'RUNNING' }, 'status.phase'],
    [
      'two conditions of one type',
      { conditions: [observed.conditions?.[0], observed.conditions?.[0]] },
      'status.conditions[1]',
    ],
    [
      'a condition without a generation',
      { conditions: [{ ...observed.conditions?.[0], observedGeneration: null }] },
      'status.conditions[0].observedGeneration',
    ],
    ['an unknown field', { colour: 'red' }, 'status.colour'],
    ['a negative number of viewers', { viewers: -1 }, 'status.viewers'],
    ['a time that is not a timestamp', { lastFrameTime: 'yesterday' }, 'status.lastFrameTime'],
  ])('refuses %s', async (what, status, field) => {
    const name = `status-${what.replaceAll(' ', '-').toLowerCase()}`;
    await stored(createCamera(api, cameraManifest(name, { source: { url } }), { dryRun: false }));
    const result = await patchCamera(api, name, { status }, '/status');
    if (result.ok) throw new Error(`accepted: ${JSON.stringify(result.camera.status)}`);
    expect(result.refusal.causes.map((cause) => cause.field)).toContain(field);
  });

  it('merges conditions of several writers by type', async () => {
    await stored(createCamera(api, cameraManifest('shared', { source: { url } }), { dryRun: false }));
    for (const [writer, type] of [
      ['operator', 'Ready'],
      ['other', 'Backed-up'],
      ['operator', 'Ready'],
    ] as const) {
      const { status } = await api.request({
        method: 'PATCH',
        path: `${camerasPath}/shared/status?fieldManager=${writer}`,
        contentType: 'application/apply-patch+yaml',
        body: {
          ...cameraManifest('shared', undefined),
          status: { conditions: [condition(type, 'Tried', writer)] },
        },
      });
      expect(status).toBe(200);
    }
    const { body } = await api.request({ path: `${camerasPath}/shared` });
    const { conditions } = (body as { status: CameraResourceStatus }).status;
    expect(conditions?.map(({ type, message }) => [type, message])).toEqual([
      ['Ready', 'operator'],
      ['Backed-up', 'other'],
    ]);
  });
});

describe('a camera', () => {
  it('is printed by kubectl get with its columns', async () => {
    await stored(createCamera(api, cameraManifest('columns', { source: { url } }), { dryRun: false }));
    const before = await tableOf('columns');
    await stored(patchCamera(api, 'columns', { status: observed }, '/status'));
    const after = await tableOf('columns');
    const age = expect.stringMatching(/^\d+s$/);
    expect(before).toEqual([
      ['Name', 0, 'columns'],
      ...['Ready', 'Phase', 'Codec', 'Size', 'FPS', 'Viewers', 'Node'].map((column) => [column, 0, null]),
      ['Age', 0, age],
      ['Message', 1, null],
    ]);
    expect(after).toEqual([
      ['Name', 0, 'columns'],
      ['Ready', 0, 'True'],
      ['Phase', 0, 'Running'],
      ['Codec', 0, 'h264'],
      ['Size', 0, '1920x1080'],
      ['FPS', 0, 25],
      ['Viewers', 0, 3],
      ['Node', 0, 'node-a'],
      ['Age', 0, age],
      ['Message', 1, 'Video is flowing.'],
    ]);
  });

  it('has a short name and the category all', async () => {
    const { body } = await api.request({ path: '/apis/camplane.dev/v1alpha1' });
    const { resources } = body as { resources: { name: string }[] };
    expect(resources).toEqual([
      expect.objectContaining({
        ...{ name: 'cameras', singularName: 'camera', kind: 'Camera', namespaced: true },
        ...{ shortNames: ['cam'], categories: ['all'] },
      }),
      expect.objectContaining({ name: 'cameras/status' }),
    ]);
  });

  it('has a description for every field', async () => {
    const { body } = await api.request({ path: '/openapi/v3/apis/camplane.dev/v1alpha1' });
    const { schemas } = (body as { components: { schemas: Record<string, unknown> } }).components;
    const schema = JSON.stringify(schemas['dev.camplane.v1alpha1.Camera']);
    expect(schema).toContain('RTSP transport.');
    expect(schema).toContain('Secret in the same namespace with the camera’s login.');
  });

  it.each([
    ['y', 'spec.video.overlay.privacyMasks[0].points[0].true'],
    ['"y"', undefined],
  ])('needs quotes around the key of a point in YAML 1.1: %s', async (key, unknownField) => {
    const points = ['0, 0', '1, 0', '1, 1'].map((point) => `{ x: ${point.replace(',', `, ${key}:`)} }`);
    const result = await api.request({
      method: 'POST',
      path: `${camerasPath}?fieldValidation=Strict&dryRun=All`,
      contentType: 'application/yaml',
      body: `apiVersion: camplane.dev/v1alpha1
kind: Camera
metadata: { name: masked }
spec:
  source: { url: 'test:testsrc' }
  video: { mode: overlay, overlay: { privacyMasks: [{ points: [${points.join(', ')}] }] } }
`,
    });
    expect(result.status).toBe(unknownField === undefined ? 201 : 400);
    if (unknownField !== undefined) expect(JSON.stringify(result.body)).toContain(unknownField);
  });

  it('cannot change between a device and a network source', async () => {
    const create = (name: string, source: unknown) =>
      stored(createCamera(api, cameraManifest(name, { source }), { dryRun: false }));
    await create('networked', { url: 'test:testsrc' });
    await stored(patchCamera(api, 'networked', { spec: { source: { url, subUrl: `${url}?sub` } } }));
    await stored(patchCamera(api, 'networked', { spec: { source: { url: 'file:a.mp4', subUrl: null } } }));
    await create('attached', { url: 'v4l2:/dev/video0' });
    await stored(patchCamera(api, 'attached', { spec: { source: { url: 'V4L2:/dev/video1' } } }));

    for (const [name, source] of [
      ['networked', { url: 'v4l2:/dev/video0' }],
      ['networked', { subUrl: 'v4l2:/dev/video0' }],
      ['attached', { url }],
    ] as const) {
      const result = await patchCamera(api, name, { spec: { source } });
      if (result.ok) throw new Error(`accepted: ${JSON.stringify(result.camera.spec)}`);
      expect(result.refusal.causes).toEqual([
        expect.objectContaining({
          field: 'spec.source.url',
          message: expect.stringMatching(
            /cannot change between a device \(v4l2:\) and a network source: delete this Camera and create another/,
          ),
        }),
      ]);
    }
  });
});

describe('docs/guide/camera-resource.md', () => {
  const guide = () => readFile(join(import.meta.dirname, '../../../docs/guide/camera-resource.md'), 'utf8');

  it('shows cameras that the API server accepts', async () => {
    const manifests = [...(await guide()).matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
    expect(manifests.length).toBeGreaterThanOrEqual(2);
    for (const manifest of manifests) {
      expect(manifest).toContain('kind: Camera');
      const result = await api.request({
        method: 'POST',
        path: `${camerasPath}?fieldValidation=Strict&dryRun=All`,
        contentType: 'application/yaml',
        body: manifest,
      });
      expect(result).toEqual({ status: 201, body: expect.anything() });
    }
  });

  it('quotes messages of the API server', async () => {
    const messages: string[] = [];
    for (const { name = 'front-door', spec } of badManifests) {
      const result = await createCamera(api, cameraManifest(name, spec), { dryRun: true });
      if (!result.ok) messages.push(...result.refusal.causes.map(({ message }) => message));
    }
    const [, section = ''] = /^## Validation errors$(.*?)^## /ms.exec(await guide()) ?? [];
    const quoted = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, quote = '']) => quote);
    expect(quoted.length).toBeGreaterThan(20);
    expect(quoted.filter((quote) => !messages.some((message) => message.includes(quote)))).toEqual([]);
  });
});

describe('homekit.enabled: true', () => {
  const homekit = { enabled: true };
  const reason = 'HomeKit is not available in this version; leave homekit.enabled false';

  it('is refused in a new camera and in a change', async () => {
    const created = await createCamera(api, cameraManifest('homekit', { source: { url }, homekit }), {
      dryRun: true,
    });
    await stored(createCamera(api, cameraManifest('no-homekit', { source: { url } }), { dryRun: false }));
    const changed = await patchCamera(api, 'no-homekit', { spec: { homekit } });
    for (const result of [created, changed]) {
      if (result.ok) throw new Error('accepted');
      const causes = result.refusal.causes.map((cause) => [cause.field, reasonOf(cause)]);
      expect(causes).toEqual([['spec.homekit.enabled', reason]]);
    }
  });

  it('does not block other changes of a camera that was stored before it was refused', async () => {
    await applyCrdWithHomekit(api);
    await waitUntil(
      () => createCamera(api, cameraManifest('old', { source: { url }, homekit }), { dryRun: false }),
      ({ ok }) => ok,
      { what: 'the definition without the rule', timeoutMs: 30_000 },
    );
    await applyCommittedCrd(api);
    await waitUntil(
      () => createCamera(api, cameraManifest('new', { source: { url }, homekit }), { dryRun: true }),
      ({ ok }) => !ok,
      { what: 'the rule in force', timeoutMs: 30_000 },
    );
    const withStatus = await stored(patchCamera(api, 'old', { status: observed }, '/status'));
    expect(withStatus.status).toEqual(observed);
    expect((await stored(patchCamera(api, 'old', { spec: { enabled: false } }))).spec).toMatchObject({
      enabled: false,
      homekit,
    });
    const cleared = await stored(patchCamera(api, 'old', { spec: { homekit: { enabled: false } } }));
    expect(cleared.spec).toMatchObject({ homekit: { enabled: false } });
  });
});

async function stored(result: ReturnType<typeof createCamera>) {
  const settled = await result;
  if (!settled.ok) throw new Error(settled.refusal.text);
  return settled.camera;
}

/** Name, priority and value of each column in the API server's table for kubectl. */
async function tableOf(name: string): Promise<unknown[][]> {
  const { body } = await api.request({
    path: `${camerasPath}/${name}`,
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  });
  const { columnDefinitions, rows } = body as {
    columnDefinitions: { name: string; priority: number }[];
    rows: { cells: unknown[] }[];
  };
  return columnDefinitions.map((column, index) => [column.name, column.priority, rows[0]?.cells[index]]);
}

function condition(type: string, reason: string, message: string) {
  return {
    type,
    status: 'True',
    reason,
    message,
    lastTransitionTime: '2026-11-21T12:00:00Z',
    observedGeneration: 1,
  } as const;
}
