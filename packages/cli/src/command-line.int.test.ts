import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { streamExample } from '@camplane/contracts/examples/camera-examples';
import { operationPath, operations } from '@camplane/contracts/operations';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installDefinition, namespace, startTestCluster } from './testing/populated-cluster.ts';
import type { TestCluster } from './testing/populated-cluster.ts';
import { fillNamespace, makeEvent, readyBody } from './testing/some-objects.ts';

jest.setTimeout(120_000);

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
let cluster: TestCluster;
let camplane: TestCluster['camplane'];

beforeAll(async () => {
  cluster = await startTestCluster();
  ({ camplane } = cluster);
  await installDefinition(cluster);
  await fillNamespace(cluster);
});
beforeEach(() =>
  cluster.respondWith(({ service, path }, response) => {
    if (path === '/readyz') response.end(readyBody(service));
    else if (service.startsWith('log of')) response.end(`first line ${path}\nsecond line\n`);
    else response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg);
  }),
);
afterAll(() => cluster?.stop());

describe('camplane list', () => {
  it('shows every camera with the reason if it is not ready', async () => {
    const { code, out } = await camplane(['list']);
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^NAME +READY +PHASE +VIDEO +VIEWERS +NODE +AGE +WHY$/);
    expect(lines[1]).toMatch(/^front-door +yes +Running +h264 1920x1080 25 fps +3 +node-a +\d+s$/);
    expect(lines[2]).toMatch(/^garage +no +Error +\d+s +The camera refused the login\. Check the Secret/);
    expect(lines[3]).toMatch(/^shed +off +Stopped +\d+s$/);
    expect(lines[4]).toMatch(/^yard +unknown +\d+s +not reconciled yet/);
    const columns = lines.map((line) => line.search(/(?<= {2})(READY|yes|no|off|unknown)/));
    expect(new Set(columns).size).toBe(1);
  });

  it('prints JSON', async () => {
    const { out } = await camplane(['list', '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject([
      { name: 'front-door', ready: true, phase: 'Running', viewers: 3 },
      { name: 'garage', ready: false, reason: 'AuthenticationFailed' },
      { name: 'shed', enabled: false },
      { name: 'yard', phase: null },
    ]);
  });

  it('names the namespace without cameras', async () => {
    const { code, out, err } = await camplane(['-n', 'default', 'list']);
    expect([code, out, err]).toEqual([0, '', 'No cameras in namespace default.\n']);
  });
});

describe('camplane describe', () => {
  it('shows one camera', async () => {
    const { code, out } = await camplane(['describe', 'front-door']);
    expect(code).toBe(0);
    expect(out).toMatch(/^front-door {2}Front door\n {2}Phase +Running\n/);
    for (const pattern of [
      /Source +rtsp:\/\/192.0.2.10:554\/stream1 over tcp\n/,
      /Login +Secret front-door-login\n/,
      /Last frame +\d+s ago\n/,
      /Ready +True +2h5m +FramesFlowing +Video is live\./,
      /camera-front-door-6d5f8c9b7-x2x4z +2\/2 +Running +2 +node-a/,
      /Normal +Started +pod\/camera-front-door-6d5f8c9b7-x2x4z +Started container/,
    ]) {
      expect(out).toMatch(pattern);
    }
    expect(out).not.toContain('garage');
  });

  it('suggests a camera with a similar name', async () => {
    const { code, err } = await camplane(['describe', 'front-dor']);
    expect([code, err]).toEqual([
      1,
      `camplane: no camera 'front-dor' in namespace ${namespace}, did you mean 'front-door'?\n`,
    ]);
  });
});

describe('camplane snapshot', () => {
  it('writes the image to a file', async () => {
    const requests: unknown[] = [];
    cluster.respondWith(({ service, path, headers }, response) => {
      requests.push([`${service}${path}`, headers['camplane-token']]);
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg);
    });
    const file = join(cluster.folder, 'door.jpg');
    const token = join(cluster.folder, 'token');
    await writeFile(token, 'cpl_of-a-viewer\n');
    const { code } = await camplane(['snapshot', 'front-door', '-o', file, '--token-file', token]);
    expect(code).toBe(0);
    expect(await readFile(file)).toEqual(jpeg);
    expect(requests).toEqual([
      [`camplane-control-api:8080${operationPath('readSnapshot', { id: 'front-door' })}`, 'cpl_of-a-viewer'],
    ]);
  });

  it('explains why it has no snapshot', async () => {
    cluster.respondWith((_target, response) => {
      const problem = {
        type: 'x',
        title: 'x',
        status: 503,
        code: 'no-picture',
        detail: 'No frame received yet',
      };
      response.writeHead(503, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    });
    const rejected = await camplane(['snapshot', 'front-door', '-o', join(cluster.folder, 'none.jpg')]);
    expect(rejected.code).toBe(1);
    expect(rejected.err).toBe('camplane: No frame received yet\n');
    expect((await camplane(['snapshot', 'shed'])).err).toMatch(/camera shed is disabled/);
    cluster.respondWith((_target, response) => {
      const status = {
        kind: 'Status',
        status: 'Failure',
        reason: 'ServiceUnavailable',
        message: 'no endpoints available',
        code: 503,
      };
      response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify(status));
    });
    const unreachable = await camplane(['snapshot', 'front-door', '-o', join(cluster.folder, 'none.jpg')]);
    expect([unreachable.code, unreachable.err]).toEqual([
      1,
      expect.stringContaining('no endpoints available'),
    ]);
  });
});

describe('camplane stream', () => {
  it('reaches control-api through the API server', async () => {
    const requests: unknown[] = [];
    const { listStreams } = operations;
    cluster.respondWith(({ method, service, path, headers }, response) => {
      requests.push([`${method} ${service}${path}`, headers['camplane-token']]);
      const isList = path === listStreams.path;
      const body = isList ? { items: [streamExample] } : { ...streamExample, status: 'STARTING' };
      response
        .writeHead(isList ? 200 : 202, { 'content-type': 'application/json' })
        .end(JSON.stringify(body));
    });
    const token = join(cluster.folder, 'token');
    await writeFile(token, 'cpl_of-an-operator\n');
    expect(await camplane(['stream', 'list', '--token-file', token])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/front-door +RUNNING/),
    });
    expect(await camplane(['stream', 'start', 'front-door', '--token-file', token])).toEqual({
      code: 0,
      out: 'front-door: STARTING\n',
      err: '',
    });
    const start = operationPath('startStream', { id: 'front-door' });
    expect(requests).toEqual([
      [`GET camplane-control-api:8080${listStreams.path}`, 'cpl_of-an-operator'],
      [`POST camplane-control-api:8080${start}`, 'cpl_of-an-operator'],
    ]);
  });
});

describe('camplane events', () => {
  it('shows events of cameras and their pods, oldest first', async () => {
    const { out } = await camplane(['events']);
    const reasons = out.split('\n').map((line) => line.split(/ {2,}/)[2]);
    expect(reasons.slice(0, 4)).toEqual(['REASON', 'Started', 'Ready', 'AuthenticationFailed']);
    expect(out).not.toContain('unrelated');
    const one = await camplane(['events', 'garage']);
    expect(one.out.trimEnd().split('\n')).toHaveLength(2);
  });

  it('follows new events until it is stopped', async () => {
    const stopping = new AbortController();
    let written = '';
    let isSent = false;
    const onOutput = (text: string) => {
      written += text;
      if (!isSent && text.includes('AuthenticationFailed')) {
        isSent = true;
        void makeEvent(cluster.create, 'Camera', 'garage', 'Normal', 'Ready', 'Recovered.', 0);
      }
      if (text.includes('Recovered.')) stopping.abort();
    };
    const { code } = await camplane(['events', 'garage', '--follow'], { signal: stopping.signal, onOutput });
    expect(code).toBe(0);
    expect(written.split('\n').filter((line) => line.includes('garage'))).toHaveLength(2);
  });
});

describe('camplane logs', () => {
  it('shows the log of a container', async () => {
    const { out } = await camplane(['logs', 'front-door', '-c', 'mediamtx', '--tail', '2', '--previous']);
    expect(out).toBe('first line ?container=mediamtx&tailLines=2&previous=true\nsecond line\n');
  });

  it('lists the containers and explains a missing pod', async () => {
    const wrong = await camplane(['logs', 'front-door', '-c', 'ffmpeg']);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('only camera-service and mediamtx')]);
    expect((await camplane(['logs', 'shed'])).err).toMatch(/it is disabled/);
    expect((await camplane(['logs', 'yard'])).err).toMatch(/see camplane describe yard/);
    expect((await camplane(['logs', 'front-door', '--tail', 'all'])).code).toBe(2);
  });
});

async function newAccount(name: string): Promise<string> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await cluster.create(accounts, { metadata: { name } });
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const answer = await cluster.kubernetes.request({
    method: 'POST',
    path: `${accounts}/${name}/token`,
    body,
  });
  return (answer.body as { status: { token: string } }).status.token;
}

describe('the role in the guide', () => {
  it('allows every command that changes nothing', async () => {
    const token = await newAccount('viewer');
    const guide = await readFile(join(import.meta.dirname, '../../../docs/guide/cli.md'), 'utf8');
    const role = /```yaml\n(apiVersion: rbac[^]*?)```/.exec(guide)?.[1] ?? '';
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    const applied = await cluster.kubernetes.request({
      method: 'PATCH',
      path: `${rbac}/roles/camplane-viewer?fieldManager=test`,
      contentType: 'application/apply-patch+yaml',
      body: role,
    });
    expect(applied.status).toBe(201);
    await cluster.create(`${rbac}/rolebindings`, {
      metadata: { name: 'viewer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'camplane-viewer' },
      subjects: [{ kind: 'ServiceAccount', name: 'viewer', namespace }],
    });
    const file = join(cluster.folder, 'viewer.jpg');
    for (const args of [
      ['list'],
      ['describe', 'front-door'],
      ['snapshot', 'front-door', '-o', file],
      ['events', 'front-door'],
      ['logs', 'front-door'],
      ['doctor'],
    ]) {
      const { code, out, err } = await camplane(args, { token });
      expect([args, code, out + err]).toEqual([
        args,
        args[0] === 'doctor' ? 1 : 0,
        expect.not.stringMatching(/not allowed|missing permission/),
      ]);
    }
  });
});

describe('a user without permissions', () => {
  it('gets the name of the missing permission', async () => {
    const token = await newAccount('guest');
    const { code, err } = await camplane(['list'], { token });
    expect(code).toBe(1);
    expect(err).toContain(`you are not allowed to list cameras.camplane.dev in namespace ${namespace}`);
    expect(err).toContain('apiGroups: ["camplane.dev"], resources: ["cameras"], verbs: ["list"]');
    const doctor = await camplane(['doctor'], { token });
    expect(doctor.out).toMatch(/\? components +not checked: you are not allowed to list deployments.apps/);
    expect((await camplane(['list'], { token: 'wrong' })).err).toMatch(/login rejected/);
  });
});

describe('a wrong command line', () => {
  it.each([
    [['lits'], /did you mean 'list'\?/],
    [['describe'], /missing argument, usage: camplane describe ID/],
    [['list', 'more'], /unexpected argument 'more'/],
    [['list', '--colour'], /Unknown option '--colour'.*camplane list --help/],
    [['list', '-o', 'yaml'], /unknown --output 'yaml', use text or json/],
    [['describe', 'Front_Door'], /invalid camera id/],
    [['list', '--context', 'prod'], /unknown context 'prod', use one of: test/],
    [['--verbose'], /unknown option '--verbose'/],
  ])('%j is rejected', async (args, pattern) => {
    const { code, err } = await camplane(args);
    expect([code, err]).toEqual([2, expect.stringMatching(pattern)]);
  });

  it.each(['list', 'describe', 'snapshot', 'events', 'logs', 'doctor', 'stream'])(
    'has help for %s',
    async (command) => {
      const { code, out } = await camplane([command, '--help']);
      expect([code, out]).toEqual([0, expect.stringMatching(new RegExp(`^Usage: camplane ${command}`))]);
      expect((await camplane(['help', command])).out).toBe(out);
      expect((await camplane([])).out).toContain(`  ${command}`);
    },
  );
});
