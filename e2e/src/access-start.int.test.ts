import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { rm } from 'node:fs/promises';

jest.setTimeout(90_000);

describe('a start without access control', () => {
  let camplane: Camplane;
  afterEach(async () => {
    await camplane.stop('SIGKILL');
    await rm(camplane.dataFolder, { recursive: true, force: true });
  });

  it.each(['HTTP_HOST', 'MEDIA_HOST'])('is refused where %s reaches beyond loopback', async (variable) => {
    camplane = await startCamplane({ waitForReady: false, environment: { [variable]: '0.0.0.0' } });
    expect(await camplane.ended()).toBe(1);
    expect(camplane.output()).toMatch(
      new RegExp(`CAMPLANE_AUTH=none.*${variable}=0\\.0\\.0\\.0.*set ${variable}=127\\.0\\.0\\.1`),
    );
  });

  it('prints the plain address on loopback', async () => {
    camplane = await startCamplane();
    expect(camplane.output()).toMatch(/^Camplane is ready: http:\/\/127\.0\.0\.1:\d+$/m);
    expect(camplane.output()).not.toContain('admin-password');
  });
});

describe('a start with access control', () => {
  it('refuses a first password that is too short', async () => {
    const environment = { CAMPLANE_AUTH: 'local', CAMPLANE_ADMIN_PASSWORD: 'short' };
    const camplane = await startCamplane({ waitForReady: false, environment });
    expect(await camplane.ended()).toBe(1);
    expect(camplane.output()).toContain('CAMPLANE_ADMIN_PASSWORD must be at least 12 characters');
    expect(camplane.output()).not.toContain('short');
    await rm(camplane.dataFolder, { recursive: true, force: true });
  });
});
