import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { loadKubeConfig } from './load-kube-config.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await createTemporaryFolder();
});
afterEach(() => folder.remove());

describe('loadKubeConfig', () => {
  it('uses the token of the mounted service account', async () => {
    const account = join(folder.path, 'var/run/secrets/kubernetes.io/serviceaccount');
    await mkdir(account, { recursive: true });
    await writeFile(join(account, 'token'), 'a-token');
    await writeFile(join(account, 'ca.crt'), 'an authority');
    await writeFile(join(account, 'namespace'), 'cameras');
    const kubeConfig = loadKubeConfig({ kubeConfigFile: undefined, rootFolder: folder.path });
    const options: { headers?: Record<string, string>; ca?: unknown } = {};
    await kubeConfig.applyToHTTPSOptions(options as never);
    expect(options.headers).toEqual({ Authorization: 'Bearer a-token' });
    expect(String(options.ca)).toBe('an authority');
  });

  it('names the remedy without a cluster', () => {
    expect(() => loadKubeConfig({ kubeConfigFile: undefined, rootFolder: folder.path })).toThrow(
      'set KUBECONFIG, or run in a pod with a service account',
    );
    expect(() => loadKubeConfig({ kubeConfigFile: join(folder.path, 'none') })).toThrow(
      /^KUBECONFIG is not a usable file: .*ENOENT/,
    );
  });

  it('rejects a file that is not a kubeconfig', async () => {
    const file = join(folder.path, 'config');
    await writeFile(file, 'clusters: []');
    expect(() => loadKubeConfig({ kubeConfigFile: file })).toThrow(/^KUBECONFIG has no current context/);
  });
});
