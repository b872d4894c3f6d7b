import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const folder = join(root, '.github/workflows');

type Permissions = Record<string, string>;
type Workflow = {
  permissions?: Permissions;
  jobs: Record<
    string,
    { permissions?: Permissions; 'timeout-minutes'?: number; uses?: string; steps?: { uses?: string }[] }
  >;
};

async function workflows(): Promise<[string, Workflow][]> {
  const names = await readdir(folder);
  return Promise.all(
    names.map(async (name): Promise<[string, Workflow]> => [
      name,
      parse(await readFile(join(folder, name), 'utf8')) as Workflow,
    ]),
  );
}

describe('the GitHub workflows', () => {
  it('pass actionlint', async () => {
    await run(join(root, '.tools/bin/actionlint'), [], { cwd: root });
  });

  it('pin every action by commit', async () => {
    const used = (await workflows())
      .flatMap(([, { jobs }]) => Object.values(jobs))
      .flatMap(({ uses, steps = [] }) => [uses, ...steps.map((step) => step.uses)])
      .filter((action) => action !== undefined && !action.startsWith('./'));
    expect(used.length).toBeGreaterThan(5);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });

  it('write only in the jobs that publish, and limit the time of each job', async () => {
    const writers: string[] = [];
    for (const [name, { permissions, jobs }] of await workflows()) {
      expect(permissions).toEqual({ contents: 'read' });
      for (const [job, { permissions: own = {}, uses, 'timeout-minutes': minutes }] of Object.entries(jobs)) {
        if (Object.values(own).includes('write')) writers.push(`${name} ${job}`);
        if (uses === undefined) expect([job, minutes]).toEqual([job, expect.any(Number)]);
      }
    }
    expect(writers).toEqual(['release.yaml images', 'release.yaml publish']);
  });

  it('publish a chart that installs the images of the release', async () => {
    const target = await mkdtemp(join(tmpdir(), 'camplane-chart-'));
    try {
      const environment = {
        ...process.env,
        PATH: `${join(root, '.tools/bin')}:${process.env['PATH'] ?? ''}`,
      };
      const options = { cwd: root, env: environment };
      await run('tools/release/package-chart.sh', ['1.2.3', 'ghcr.io/owner', target], options);
      const chart = join(target, 'camplane-1.2.3.tgz');
      const { stdout } = await run(
        'helm',
        ['template', 'camplane', chart, '--kube-version', '1.34.0'],
        options,
      );
      const images = [...stdout.matchAll(/image: '?"?([^\s'"]+)/g)].map(([, image = '']) => image);
      const own = images.filter((image) => image.includes('camplane/'));
      expect(own).toEqual(expect.arrayContaining(['ghcr.io/owner/camplane/control-api:1.2.3']));
      for (const image of own) expect(image).toMatch(/^ghcr\.io\/owner\/camplane\/[a-z-]+:1\.2\.3$/);
      expect(stdout).toContain('ghcr.io/owner/camplane/camera-service:1.2.3');
    } finally {
      await rm(target, { recursive: true });
    }
  });
});
