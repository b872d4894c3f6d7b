import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { installDefinition, namespace, startTestCluster } from '../testing/populated-cluster.ts';
import type { TestCluster } from '../testing/populated-cluster.ts';
import { fillNamespace, makePartPod, readyBody, secondsAgo } from '../testing/some-objects.ts';

jest.setTimeout(120_000);

const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/cameras.camplane.dev';
let cluster: TestCluster;
let camplane: TestCluster['camplane'];

beforeAll(async () => {
  cluster = await startTestCluster();
  ({ camplane } = cluster);
});
beforeEach(() => cluster.respondWith(({ service }, response) => void response.end(readyBody(service))));
afterAll(() => cluster?.stop());

const patch = (path: string, body: object, contentType = 'application/merge-patch+json') =>
  cluster.kubernetes.request({ method: 'PATCH', path, contentType, body });

describe('camplane doctor', () => {
  it('names what to install first', async () => {
    const { code, out } = await camplane(['doctor']);
    expect(code).toBe(1);
    expect(out).toMatch(/✔ cluster +http:.* runs Kubernetes v1\.\d+/);
    expect(out).toMatch(
      /✘ definition +cameras.camplane.dev is not installed\n +→ kubectl apply -k k8s\/crds/,
    );
    expect(out).toMatch(/✘ components +Camplane is not installed in namespace yard\n +→ run helm install/);
  });

  it('finds the problems of cameras and nothing else', async () => {
    await installDefinition(cluster);
    await fillNamespace(cluster);
    const { code, out } = await camplane(['doctor']);
    expect(code).toBe(1);
    for (const line of [
      /✔ definition +cameras.camplane.dev\/v1alpha1 is installed and up to date/,
      /✔ operator +camplane-camera-operator: 1 of 1 available/,
      /✔ leader +camplane-camera-operator-\S+, renewed \d+s ago/,
      /✔ edge +camplane-mediamtx: 1 of 1 available/,
      /✔ Kafka +reported by control-api, detection-service/,
      /✔ database +reported by control-api/,
      /✔ front-door +Running, h264 1920x1080 25 fps/,
      /✘ garage +The camera refused the login.*\n +→ camplane -n yard describe garage/,
      /✔ shed +disabled/,
      /✘ yard +not reconciled yet/,
      /2 problems found\./,
    ]) {
      expect(out).toMatch(line);
    }
    expect(JSON.parse((await camplane(['doctor', '-o', 'json'])).out)).toMatchObject({ ok: false });

    const elsewhere = await camplane(['doctor', '-n', 'default']);
    expect(elsewhere.out).toContain(
      `it is installed in ${namespace}, run camplane doctor --namespace ${namespace}`,
    );
  });

  it('finds no problems in a healthy installation', async () => {
    for (const name of ['garage', 'yard']) {
      const path = `/apis/camplane.dev/v1alpha1/namespaces/${namespace}/cameras/${name}`;
      await cluster.kubernetes.request({ method: 'DELETE', path });
    }
    const { code, out } = await camplane(['doctor']);
    expect([code, out]).toEqual([0, expect.stringContaining('No problems found.')]);
  });

  it('explains an address, through control-api', async () => {
    let asked = '';
    cluster.respondWith(({ service, path }, response) => {
      asked = `${service} ${path}`;
      response.end(JSON.stringify({ ok: false, reason: 'NotFound', message: 'No stream at this path.' }));
    });
    const { code, out } = await camplane(['doctor', '--url', 'rtsp://192.0.2.1/none']);
    expect([code, out]).toEqual([1, 'rtsp://192.0.2.1/none\n  ✘ No stream at this path.\n']);
    expect(asked).toBe(`camplane-control-api:8080 ${operations.probeSource.path}`);
    expect((await camplane(['doctor', 'yard'])).code).toBe(2);
    expect((await camplane(['doctor', '--url', 'gopher://192.0.2.1/'])).err).toContain('scheme');
  });

  it('asks a control-api with a certificate over HTTPS', async () => {
    const service = `/api/v1/namespaces/${namespace}/services/camplane-control-api`;
    const setPort = (name: string) => patch(service, { spec: { ports: [{ name, port: 8080 }] } });
    const asked = new Set<string>();
    cluster.respondWith(({ service, path }, response) => {
      asked.add(`${service} ${path}`);
      response.end(path === '/readyz' ? readyBody(service) : JSON.stringify({ ok: true }));
    });
    await setPort('https');
    await camplane(['doctor']);
    await camplane(['doctor', '--url', 'rtsp://192.0.2.1/none']);
    await setPort('http');
    expect([...asked].filter((target) => target.includes('https:')).toSorted()).toEqual([
      `https:camplane-control-api:8080 ${operations.probeSource.path}`,
      'https:camplane-control-api:8080 /readyz',
    ]);
  });

  it('reports failed dependencies of components', async () => {
    cluster.respondWith(({ service }, response) => {
      const checks = [
        { name: 'event bus', ok: !service.includes('detection'), reason: 'no broker at kafka:9092 responds' },
        { name: 'database', ok: !service.includes('control-api'), reason: 'connection refused' },
      ];
      response.writeHead(503).end(JSON.stringify({ ready: false, checks }));
    });
    const { code, out } = await camplane(['doctor']);
    expect(code).toBe(1);
    expect(out).toMatch(
      /✘ Kafka +detection-service: no broker at kafka:9092 responds\n +→ check the brokers/,
    );
    expect(out).toMatch(/✘ database +control-api: connection refused\n +→ check the PostgreSQL/);
  });

  it('asks the pod of an unavailable component for its dependencies', async () => {
    await makePartPod(cluster.create, 'control-api', 'camplane-control-api-c4ddfdf76-66884');
    const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/camplane-control-api`;
    await patch(`${deployment}/status`, { status: { availableReplicas: 0, readyReplicas: 0 } });
    cluster.respondWith(({ service }, response) => {
      if (service !== 'pod camplane-control-api-c4ddfdf76-66884:8080') response.end(readyBody(service));
      else {
        const bus = { name: 'event bus', ok: false, reason: 'no broker at kafka:9092 responds' };
        const checks = [bus, { name: 'database', ok: true }];
        response.writeHead(503).end(JSON.stringify({ ready: false, checks }));
      }
    });
    const { code, out } = await camplane(['doctor']);
    expect(code).toBe(1);
    expect(out).toMatch(/✘ control-api +camplane-control-api: none of 1 is available/);
    expect(out).toMatch(/✘ Kafka +control-api: no broker at kafka:9092 responds\n +→ check the brokers/);
    expect(out).toMatch(/✔ database +reported by control-api/);

    cluster.respondWith((_target, response) => void response.writeHead(502).end('connection refused'));
    expect((await camplane(['doctor'])).out).not.toContain('control-api readiness');
    await patch(`${deployment}/status`, { status: { availableReplicas: 1, readyReplicas: 1 } });
  });

  it('finds unavailable and missing components and a stale leader', async () => {
    const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await patch(`${deployments}/camplane-mediamtx/status`, {
      status: { availableReplicas: 0, readyReplicas: 0 },
    });
    await patch(`${deployments}/camplane-control-api`, { spec: { replicas: 0 } });
    for (const name of ['detection-service', 'camera-service']) {
      await cluster.kubernetes.request({ method: 'DELETE', path: `${deployments}/camplane-${name}` });
    }
    const lease = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/camplane-camera-operator`;
    await patch(lease, { spec: { renewTime: secondsAgo(700).replace('Z', '000Z') } });
    const { code, out } = await camplane(['doctor']);
    expect(code).toBe(1);
    for (const line of [
      /✘ edge +camplane-mediamtx: none of 1 is available\n +→ kubectl -n yard describe pods/,
      /✘ control-api +camplane-control-api is scaled to 0\n +→ kubectl -n yard scale/,
      /✘ probes +camera-service is not deployed/,
      /\? detection +detection-service is not deployed/,
      /✘ leader +camplane-camera-operator-\S+ has not renewed its lease for 11m/,
    ]) {
      expect(out).toMatch(line);
    }
  });

  it('finds an outdated CRD', async () => {
    const { body } = await cluster.kubernetes.request({ path: crd });
    type Definition = {
      spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: { properties: object } } } } }[] };
    };
    const definition = body as Definition;
    const properties = definition.spec.versions[0]?.schema.openAPIV3Schema.properties.spec
      .properties as Record<string, unknown>;
    delete properties['homekit'];
    await patch(crd, { spec: { versions: definition.spec.versions } });
    const { out } = await camplane(['doctor']);
    expect(out).toMatch(/✘ definition +cameras.camplane.dev is outdated: it has no spec.homekit/);
  });

  it('reports an unreachable API server', async () => {
    await cluster.kubernetes.kill();
    const { code, err } = await camplane(['doctor']);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/the API server at http:.* is unreachable[^]*kubectl version/),
    ]);
  });
});
