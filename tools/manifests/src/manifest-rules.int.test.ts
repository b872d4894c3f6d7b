import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { podOf } from './testing/dry-run.ts';
import type { Manifest } from './testing/render.ts';
import { nameOf, renderChart, renderKustomization, root } from './testing/render.ts';

type Container = {
  name: string;
  image: string;
  env?: { name: string; value?: string }[];
  resources?: Record<string, object>;
};
type PodSpec = {
  containers: Container[];
  enableServiceLinks?: boolean;
  automountServiceAccountToken?: boolean;
};

let manifests: Manifest[] = [];
let pods: { name: string; spec: PodSpec }[] = [];

beforeAll(() => {
  manifests = [
    ...renderKustomization('k8s/overlays/prod'),
    ...renderKustomization('tools/manifests/src/fixtures/guarded'),
    ...renderChart({ values: 'ci/options-values.yaml' }),
  ];
  pods = manifests.flatMap((manifest) => {
    const pod = podOf(manifest);
    return pod ? [{ name: nameOf(manifest), spec: pod['spec'] as PodSpec }] : [];
  });
}, 120_000);

const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Variables of each service, from the generated reference page. */
function declaredVariables(): Map<string, Set<string>> {
  const [everyService = '', ...sections] = read('docs/reference/environment.md').split('\n## ').slice(1);
  const table = (text: string) => [...text.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, name]) => name ?? '');
  const shared = (text: string) =>
    [...(/^Also reads `.*$/m.exec(text)?.[0] ?? '').matchAll(/`([A-Z0-9_]+)`/g)].map(
      ([, name]) => name ?? '',
    );
  return new Map(
    sections.map((text) => [
      text.slice(0, text.indexOf('\n')),
      new Set([...table(everyService), ...table(text), ...shared(text)]),
    ]),
  );
}

/** Metric names in the sources, tests excluded. */
function declaredMetrics(): Set<string> {
  const sources = ['services', 'packages'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}/src`),
  );
  const files = sources
    .filter((path) => existsSync(join(root, path)))
    .flatMap((path) =>
      readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
        .map((name) => `${path}/${name}`),
    );
  return new Set(
    files.flatMap((path) => [...read(path).matchAll(/'(camplane_[a-z_]+)'/g)].map(([, name]) => name ?? '')),
  );
}

/** Variables of Node.js, which no service declares. */
const nodeVariables = ['NODE_OPTIONS'];

describe('in all rendered manifests', () => {
  it('every variable of a service is declared by it', () => {
    const declared = declaredVariables();
    const unknown = pods.flatMap(({ name, spec }) =>
      spec.containers.flatMap(({ name: service, env = [] }) =>
        env
          .filter((variable) => !nodeVariables.includes(variable.name))
          .filter((variable) => declared.has(service) && declared.get(service)?.has(variable.name) === false)
          .map((variable) => `${name}: ${variable.name}`),
      ),
    );
    expect(unknown).toEqual([]);
    for (const service of [
      'control-api',
      'camera-operator',
      'camera-service',
      'detection-service',
      'stream-proxy',
    ]) {
      expect([...declared.keys()]).toContain(service);
    }
  });

  it('no variable is set twice', () => {
    for (const { name, spec } of pods) {
      for (const { env = [] } of spec.containers) {
        const names = env.map((variable) => variable.name);
        expect({ name, names }).toEqual({ name, names: [...new Set(names)] });
      }
    }
  });

  it('no pod has service links, whose variables Camplane’s services would refuse', () => {
    expect(pods.length).toBeGreaterThan(10);
    expect(pods.filter(({ spec }) => spec.enableServiceLinks !== false)).toEqual([]);
  });

  it('only the operator and control-api mount an API token', () => {
    const given = pods.filter(({ spec }) => spec.automountServiceAccountToken !== false);
    expect([...new Set(given.map(({ name }) => name.replace(/ (camplane|cams)-/, ' ')))].sort()).toEqual([
      'Deployment camera-operator',
      'Deployment control-api',
    ]);
  });

  it('every container has CPU and memory requests and a memory limit', () => {
    const complaints = pods.flatMap(({ name, spec }) =>
      spec.containers
        .filter(({ resources }) => {
          const { requests = {}, limits = {} } = resources ?? {};
          return !('cpu' in requests && 'memory' in requests && 'memory' in limits);
        })
        .map((container) => `${name}: ${container.name}`),
    );
    expect(complaints).toEqual([]);
  });

  it('image tags are versions, and Camplane’s are the current one', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    const images = renderKustomization('k8s/overlays/dev').flatMap((manifest) => {
      const pod = podOf(manifest);
      return pod ? (pod['spec'] as PodSpec).containers.map(({ image }) => image) : [];
    });
    for (const image of images) expect(image).toMatch(/:v?\d[\w.-]*$/);
    expect(images.filter((image) => image.startsWith('camplane/')).sort()).toEqual(
      ['camera-operator', 'camera-service', 'control-api', 'detection-service', 'stream-proxy'].map(
        (service) => `camplane/${service}:${version}`,
      ),
    );
    expect(read('charts/camplane/Chart.yaml')).toContain(`\nversion: ${version}\nappVersion: ${version}\n`);
  }, 60_000);

  it('the operator is configured with the images of the Deployments', () => {
    const rendered = ['k8s/overlays/dev', 'tools/manifests/src/fixtures/options'].map(renderKustomization);
    for (const objects of [...rendered, renderChart({ values: 'ci/options-values.yaml' })]) {
      const containers = objects.flatMap((manifest) => {
        const pod = podOf(manifest);
        return pod ? (pod['spec'] as PodSpec).containers : [];
      });
      const imageOf = (name: string) => containers.find((container) => container.name === name)?.image;
      const operator = containers.find(({ name }) => name === 'camera-operator');
      const settingOf = (name: string) => operator?.env?.find((variable) => variable.name === name)?.value;
      expect(settingOf('CAMPLANE_CAMERA_SERVICE_IMAGE')).toBe(imageOf('camera-service'));
      expect(settingOf('CAMPLANE_MEDIAMTX_IMAGE')).toBe(imageOf('mediamtx'));
      expect(imageOf('mediamtx')).toContain('mediamtx');
    }
  }, 60_000);

  it('nothing is exposed outside the cluster by default', () => {
    const services = [...renderKustomization('k8s/overlays/dev'), ...renderChart()].filter(({ kind }) =>
      ['Service', 'Ingress', 'HTTPRoute'].includes(kind),
    );
    expect(services.length).toBeGreaterThan(10);
    for (const service of services) expect(service['spec']).toMatchObject({ type: 'ClusterIP' });
  }, 60_000);

  it('alerts and dashboards use metrics that exist', () => {
    const declared = declaredMetrics();
    const used = ['k8s/components/monitoring/objects/prometheusrule.yaml']
      .concat(
        ['cameras', 'system'].map((name) => `k8s/components/monitoring/objects/dashboards/${name}.json`),
      )
      .flatMap((path) => [...read(path).matchAll(/camplane_[a-z_]+/g)].map(([name]) => name))
      .map((name) => (declared.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')));
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => !declared.has(name))).toEqual([]);
  });
});
