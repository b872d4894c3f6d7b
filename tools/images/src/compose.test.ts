import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from '@camplane/standalone/environment';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

type Service = {
  image: string;
  environment: Record<string, string | number>;
  ports?: string[];
  volumes?: string[];
  [key: string]: unknown;
};
type Compose = { services: Record<string, Service>; volumes: Record<string, unknown> };

const root = join(import.meta.dirname, '../../..');
const compose = parse(readFileSync(join(root, 'compose.yaml'), 'utf8')) as Compose;
const camplane = compose.services['camplane'] as Service;

/** Values as Compose sees them where nothing is set: `${NAME:-default}`. */
const withDefaults = (text: string) => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

describe('compose.yaml', () => {
  it('publishes on loopback alone, unless it is told otherwise', () => {
    const published = Object.values(compose.services).flatMap(({ ports = [] }) => ports);
    expect(published.length).toBeGreaterThan(0);
    for (const port of published) expect(withDefaults(port)).toMatch(/^127\.0\.0\.1:\d+:\d+(\/(tcp|udp))?$/);
  });

  it('publishes every port under its own number, because viewers are told that number', () => {
    const ports = (camplane.ports ?? []).map(withDefaults);
    for (const port of ports) expect(port).toMatch(/:(\d+):\1(\/|$)/);
    const numbers = ports.map((port) => Number(port.split(':')[1]));
    for (const name of ['HTTP_PORT', 'RTSP_PORT', 'HLS_PORT', 'WEBRTC_PORT', 'WEBRTC_MEDIA_PORT'] as const) {
      expect(numbers).toContain(Number(environment.variables[name].default));
      expect(withDefaults(String(camplane.environment[name]))).toBe(environment.variables[name].default);
    }
  });

  it('sets no variable that Camplane does not know', () => {
    expect(Object.keys(environment.variables)).toEqual(
      expect.arrayContaining(Object.keys(camplane.environment)),
    );
  });

  it('has no password in it', () => {
    const secrets = Object.values(compose.services)
      .flatMap(({ environment: variables }) => Object.entries(variables))
      .filter(([name]) => /PASSWORD|SECRET|TOKEN|DATABASE_URL/.test(name));
    expect(secrets.map(([name]) => name).sort()).toEqual(['DATABASE_URL', 'POSTGRES_PASSWORD']);
    for (const [, value] of secrets) expect(withDefaults(String(value))).toBe('');
  });

  it('runs Camplane without privileges and with a root that it cannot write to', () => {
    expect(camplane).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('names images by their version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(withDefaults(camplane.image)).toBe(`camplane/standalone:${version}`);
    for (const { image } of Object.values(compose.services))
      expect(withDefaults(image)).toMatch(/:\d[\w.-]*$/);
  });

  it('declares every volume that it uses', () => {
    const used = Object.values(compose.services)
      .flatMap(({ volumes = [] }) => volumes.map((volume) => withDefaults(volume).split(':')[0] ?? ''))
      .filter((source) => !/^[./]/.test(source));
    expect(Object.keys(compose.volumes).sort()).toEqual([...new Set(used)].sort());
  });
});
