import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readFile } from 'node:fs/promises';
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
  cluster.answer(({ service, path }, response) => {
    if (path === '/readyz') response.end(readyBody(service));
    else if (service.startsWith('log of')) response.end(`first line ${path}\nsecond line\n`);
    else response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg);
  }),
);
afterAll(() => cluster?.stop());

describe('camplane list', () => {
  it('shows every camera, and why those that are not ready are not', async () => {
    const { code, out } = await camplane(['list']);
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^NAME +READY +PHASE +VIDEO +VIEWERS +NODE +AGE +WHY$/);
    expect(lines[1]).toMatch(/^front-door +yes +Running +h264 1920x1080 25 fps +3 +node-a +\d+s$/);
    expect(lines[2]).toMatch(/^garage +no +Error +\d+s +The camera refuses the login: check the Secret/);
    expect(lines[3]).toMatch(/^shed +off +Stopped +\d+s$/);
    expect(lines[4]).toMatch(/^yard +unknown +\d+s +no operator has looked at it/);
    const columns = lines.map((line) => line.search(/(?<= {2})(READY|yes|no|off|unknown)/));
    expect(new Set(columns).size).toBe(1);
  });

  it('is JSON for programs', async () => {
    const { out } = await camplane(['list', '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject([
      { name: 'front-door', ready: true, phase: 'Running', viewers: 3 },
      { name: 'garage', ready: false, reason: 'AuthenticationFailed' },
      { name: 'shed', enabled: false },
      { name: 'yard', phase: null },
    ]);
  });

  it('says where it looked when there are none', async () => {
    const { code, out, err } = await camplane(['-n', 'default', 'list']);
    expect([code, out, err]).toEqual([0, '', 'There are no cameras in namespace default.\n']);
  });
});

describe('camplane describe', () => {
  it('tells all about one camera', async () => {
    const { code, out } = await camplane(['describe', 'front-door']);
    expect(code).toBe(0);
    expect(out).toMatch(/^front-door {2}Front door\n {2}Phase +Running\n/);
    for (const words of [
      /Source +rtsp:\/\/192.0.2.10:554\/stream1 over tcp\n/,
      /Login +Secret front-door-login\n/,
      /Last frame +\d+s ago\n/,
      /Ready +True +2h5m +FramesFlowing +Video is live\./,
      /camera-front-door-6d5f8c9b7-x2x4z +2\/2 +Running +2 +node-a/,
      /Normal +Started +pod\/camera-front-door-6d5f8c9b7-x2x4z +Started container/,
    ]) {
      expect(out).toMatch(words);
    }
    expect(out).not.toContain('garage');
  });

  it('names the camera that was meant', async () => {
    const { code, err } = await camplane(['describe', 'front-dor']);
    expect([code, err]).toEqual([
      1,
      `camplane: there is no camera 'front-dor' in namespace ${namespace}: did you mean 'front-door'?\n`,
    ]);
  });
});

describe('camplane snapshot', () => {
  it('writes the picture that the camera’s service gives', async () => {
    const asked: string[] = [];
    cluster.answer(({ service, path }, response) => {
      asked.push(`${service}${path}`);
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg);
    });
    const file = join(cluster.folder, 'door.jpg');
    expect((await camplane(['snapshot', 'front-door', '-o', file])).code).toBe(0);
    expect(await readFile(file)).toEqual(jpeg);
    expect(asked).toEqual(['camera-front-door:9100/cameras/front-door/snapshot']);
  });

  it('says why there is none', async () => {
    cluster.answer((_target, response) => {
      const problem = {
        type: 'x',
        title: 'x',
        status: 503,
        code: 'no-picture',
        detail: 'No frame has come yet',
      };
      response.writeHead(503, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    });
    const refused = await camplane(['snapshot', 'front-door', '-o', join(cluster.folder, 'none.jpg')]);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/gives no picture: No frame has come yet/);
    expect((await camplane(['snapshot', 'shed'])).err).toMatch(/camera shed is switched off/);
    cluster.answer((_target, response) => {
      const status = {
        kind: 'Status',
        status: 'Failure',
        reason: 'ServiceUnavailable',
        message: 'no endpoints available',
        code: 503,
      };
      response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify(status));
    });
    const nobody = await camplane(['snapshot', 'front-door', '-o', join(cluster.folder, 'none.jpg')]);
    expect(nobody.err).toBe(
      'camplane: camera front-door has no pod that answers\n  camplane describe front-door says why\n',
    );
  });
});

describe('camplane events', () => {
  it('shows what happened to cameras and their pods, the latest last', async () => {
    const { out } = await camplane(['events']);
    const reasons = out.split('\n').map((line) => line.split(/ {2,}/)[2]);
    expect(reasons.slice(0, 4)).toEqual(['REASON', 'Started', 'Ready', 'AuthenticationFailed']);
    expect(out).not.toContain('somebody-elses');
    const one = await camplane(['events', 'garage']);
    expect(one.out.trimEnd().split('\n')).toHaveLength(2);
  });

  it('goes on with what happens until it is told to stop', async () => {
    const stopping = new AbortController();
    let written = '';
    let isTold = false;
    const heard = (text: string) => {
      written += text;
      if (!isTold && text.includes('AuthenticationFailed')) {
        isTold = true;
        void makeEvent(cluster.make, 'Camera', 'garage', 'Normal', 'Ready', 'It is back.', 0);
      }
      if (text.includes('It is back.')) stopping.abort();
    };
    const { code } = await camplane(['events', 'garage', '--follow'], { signal: stopping.signal, heard });
    expect(code).toBe(0);
    expect(written.split('\n').filter((line) => line.includes('garage'))).toHaveLength(2);
  });
});

describe('camplane logs', () => {
  it('shows what a container of the camera’s pod wrote', async () => {
    const { out } = await camplane(['logs', 'front-door', '-c', 'mediamtx', '--tail', '2', '--previous']);
    expect(out).toBe('first line ?container=mediamtx&tailLines=2&previous=true\nsecond line\n');
  });

  it('says which containers there are, and why there is no pod', async () => {
    const wrong = await camplane(['logs', 'front-door', '-c', 'ffmpeg']);
    expect([wrong.code, wrong.err]).toEqual([
      2,
      expect.stringContaining('it has camera-service and mediamtx'),
    ]);
    expect((await camplane(['logs', 'shed'])).err).toMatch(/it is switched off/);
    expect((await camplane(['logs', 'yard'])).err).toMatch(/camplane describe yard says why/);
    expect((await camplane(['logs', 'front-door', '--tail', 'all'])).code).toBe(2);
  });
});

async function newAccount(name: string): Promise<string> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await cluster.make(accounts, { metadata: { name } });
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const answer = await cluster.kubernetes.request({
    method: 'POST',
    path: `${accounts}/${name}/token`,
    body,
  });
  return (answer.body as { status: { token: string } }).status.token;
}

describe('who has the role of the guide', () => {
  it('may use every command', async () => {
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
    await cluster.make(`${rbac}/rolebindings`, {
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
        expect.not.stringMatching(/not allowed|for want of a right/),
      ]);
    }
  });
});

describe('who may not', () => {
  it('is told which right is missing', async () => {
    const token = await newAccount('guest');
    const { code, err } = await camplane(['list'], { token });
    expect(code).toBe(1);
    expect(err).toContain(`you are not allowed to list cameras.camplane.dev in namespace ${namespace}`);
    expect(err).toContain('apiGroups: ["camplane.dev"], resources: ["cameras"], verbs: ["list"]');
    const doctor = await camplane(['doctor'], { token });
    expect(doctor.out).toMatch(/\? parts +cannot be looked at: you are not allowed to list deployments.apps/);
    expect((await camplane(['list'], { token: 'wrong' })).err).toMatch(/the login is not accepted/);
  });
});

describe('a command line that is wrong', () => {
  it.each([
    [['lits'], /did you mean 'list'\?/],
    [['describe'], /something is missing: camplane describe ID/],
    [['list', 'more'], /'more' is one word too many/],
    [['list', '--colour'], /Unknown option '--colour'.*camplane list --help/],
    [['list', '-o', 'yaml'], /--output yaml is not known: json/],
    [['describe', 'Front_Door'], /cannot be a camera's id/],
    [['list', '--context', 'prod'], /there is no context 'prod': known are test/],
    [['--verbose'], /'--verbose' is no option/],
  ])('%j is told so', async (args, words) => {
    const { code, err } = await camplane(args);
    expect([code, err]).toEqual([2, expect.stringMatching(words)]);
  });

  it.each(['list', 'describe', 'snapshot', 'events', 'logs', 'doctor'])(
    'has help for %s',
    async (command) => {
      const { code, out } = await camplane([command, '--help']);
      expect([code, out]).toEqual([0, expect.stringMatching(new RegExp(`^Usage: camplane ${command}`))]);
      expect((await camplane(['help', command])).out).toBe(out);
      expect((await camplane([])).out).toContain(`  ${command}`);
    },
  );
});
