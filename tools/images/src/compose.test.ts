import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from '@camplane/standalone/environment';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

type Service = {
  image?: string;
  environment: Record<string, string | number>;
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test: unknown };
  [key: string]: unknown;
};
type Compose = { services: Record<string, Service>; volumes: Record<string, unknown> };

const root = join(import.meta.dirname, '../../..');
const files = ['compose.yaml', 'compose.kafka.yaml', 'compose.postgres.yaml'];
const texts = files.map((file) => readFileSync(join(root, file), 'utf8'));
const composes = texts.map((text) => parse(text) as Compose);
const services = composes.flatMap((compose) => Object.values(compose.services));
const camplane = composes[0]?.services['camplane'] as Service;

/** Resolves `${NAME:-default}` as Compose does without any setting. */
const withDefaults = (text: string) => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

describe('the Compose files', () => {
  it('publish on loopback by default', () => {
    const published = services.flatMap(({ ports = [] }) => ports);
    expect(published.length).toBeGreaterThan(0);
    for (const port of published) expect(withDefaults(port)).toMatch(/^127\.0\.0\.1:\d+:\d+(\/(tcp|udp))?$/);
  });

  it('publish every port under the same number, because stream URLs contain it', () => {
    const ports = (camplane.ports ?? []).map(withDefaults);
    for (const port of ports) expect(port).toMatch(/:(\d+):\1(\/|$)/);
    const numbers = ports.map((port) => Number(port.split(':')[1]));
    for (const name of ['HTTP_PORT', 'RTSP_PORT', 'HLS_PORT', 'WEBRTC_PORT', 'WEBRTC_MEDIA_PORT'] as const) {
      expect(numbers).toContain(Number(environment.variables[name].default));
      expect(withDefaults(String(camplane.environment[name]))).toBe(environment.variables[name].default);
    }
  });

  it('set only variables that Camplane knows', () => {
    const set = composes.flatMap((compose) => Object.keys(compose.services['camplane']?.environment ?? {}));
    expect(Object.keys(environment.variables)).toEqual(expect.arrayContaining(set));
  });

  it('require a password for PostgreSQL and contain none', () => {
    const secrets = services
      .flatMap(({ environment: variables }) => Object.entries(variables))
      .filter(([name]) => /PASSWORD|SECRET|TOKEN|DATABASE_URL/.test(name));
    expect(secrets.map(([name]) => name).sort()).toEqual(['DATABASE_URL', 'POSTGRES_PASSWORD']);
    for (const [, value] of secrets) expect(value).toContain('${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}');
  });

  it('run Camplane without privileges and with a read-only root', () => {
    expect(camplane).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('name images by their version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(withDefaults(camplane.image ?? '')).toBe(`camplane/standalone:${version}`);
    for (const { image = '' } of services.filter((service) => service.image !== undefined))
      expect(withDefaults(image)).toMatch(/:\d[\w.-]*$/);
  });

  it('declare every volume that they use', () => {
    for (const compose of composes) {
      const used = Object.values(compose.services)
        .flatMap(({ volumes = [] }) => volumes.map((volume) => withDefaults(volume).split(':')[0] ?? ''))
        .filter((source) => !/^[./]/.test(source));
      expect(Object.keys(compose.volumes).sort()).toEqual([...new Set(used)].sort());
    }
  });

  it('use no syntax that podman-compose 1.0 misreads', () => {
    for (const text of texts) {
      const withoutComments = text.replace(/#.*$/gm, '');
      expect(withoutComments).not.toContain(':-}');
      expect(withoutComments).not.toContain('profiles:');
    }
    // It passes a list's arguments to a shell with misplaced quotes.
    const tests = services.flatMap(({ healthcheck }) =>
      healthcheck === undefined ? [] : [healthcheck.test],
    );
    expect(tests).toEqual([expect.any(String), expect.any(String)]);
  });
});
