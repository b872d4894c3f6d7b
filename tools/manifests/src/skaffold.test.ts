import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

type Artifact = {
  image: string;
  docker: { dockerfile: string; target: string };
  sync?: { manual: { src: string; dest: string; strip: string }[] };
};
type Skaffold = {
  apiVersion: string;
  build: { artifacts: Artifact[] };
  manifests: { kustomize: { paths: string[] } };
  portForward: { resourceName: string; port: number; localPort: number }[];
  profiles: {
    name: string;
    patches?: { op: string; path: string }[];
    deploy?: {
      helm: { releases: { name: string; chartPath: string; setValueTemplates: Record<string, string> }[] };
    };
  }[];
};

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const skaffold = parse(read('skaffold.yaml')) as Skaffold;
const { artifacts } = skaffold.build;
const profile = (name: string) => skaffold.profiles.find((candidate) => candidate.name === name);

/** Value at a path of keys and indexes: `/build/artifacts/0/sync`, `controlApi.image.tag`. */
function at(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

describe('skaffold.yaml', () => {
  it('builds each image from a target of the Dockerfile', () => {
    const targets = new Set([...read('Dockerfile').matchAll(/^FROM .* AS (\S+)$/gm)].map(([, name]) => name));
    for (const { docker } of artifacts) expect(targets).toContain(docker.target);
    const services = [
      'camera-operator',
      'camera-service',
      'control-api',
      'detection-service',
      'stream-proxy',
    ];
    expect(artifacts.map(({ image }) => image).sort()).toEqual(services.map((name) => `camplane/${name}`));
    for (const { image, docker } of artifacts) expect(image).toBe(`camplane/${docker.target}`);
  });

  it('references an existing kustomization and chart', () => {
    const { paths } = skaffold.manifests.kustomize;
    for (const path of paths) expect(existsSync(join(root, path, 'kustomization.yaml'))).toBe(true);
    const [release] = profile('helm')?.deploy?.helm.releases ?? [];
    expect(release?.name).toBe('camplane');
    expect(existsSync(join(root, release?.chartPath ?? '', 'Chart.yaml'))).toBe(true);
  });

  it('syncs files to the folder that control-api serves, and .dockerignore includes them', () => {
    const [rule] = artifacts.flatMap(({ sync }) => sync?.manual ?? []);
    expect(read('Dockerfile')).toContain(`DASHBOARD_DIR=${rule?.dest}\n`);
    expect(rule?.src.startsWith(rule.strip)).toBe(true);
    expect(read('.dockerignore')).toContain(`\n!${rule?.strip.replace(/\/$/, '')}\n`);
    expect(read('k8s/overlays/skaffold/control-api.yaml')).toContain(`mountPath: ${rule?.dest}`);
  });

  it('sets an existing chart value for every image that it builds', () => {
    const values = parse(read('charts/camplane/values.yaml')) as unknown;
    const templates = profile('helm')?.deploy?.helm.releases[0]?.setValueTemplates ?? {};
    for (const path of Object.keys(templates)) {
      expect([path, typeof at(values, path.split('.'))]).toEqual([path, 'string']);
    }
    const named = Object.values(templates).map((template) => /IMAGE_(?:REPO|TAG)_(\w+)/.exec(template)?.[1]);
    expect([...new Set(named)].sort()).toEqual(
      artifacts.map(({ image }) => image.replace(/[/-]/g, '_')).sort(),
    );
  });

  it('replaces the kustomize deployment in the helm profile', () => {
    const patches = profile('helm')?.patches ?? [];
    expect(patches.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/manifests/kustomize', '/deploy/kubectl']),
    );
    for (const { op, path } of patches) {
      expect(op).toBe('remove');
      expect([path, at(skaffold, path.split('/').slice(1)) !== undefined]).toEqual([path, true]);
    }
  });

  it('forwards the default ports for viewers', () => {
    const ports = skaffold.portForward.map(({ port, localPort }) => {
      expect(port).toBe(localPort);
      return port;
    });
    expect(ports).toEqual([8080, 8554, 8888, 8889, 8189]);
  });
});
