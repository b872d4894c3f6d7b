import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const tools = join(import.meta.dirname, '..');
const changelog = `# Changelog

## Unreleased

- Not out yet.

## [1.3.0] - 2027-02-01

### Added

- A button.

## 1.2.0

- The first one.

## 1.1.0
`;

describe('the release scripts', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'camplane-release-'));
    await put('CHANGELOG.md', changelog);
    await put('package.json', '{\n  "version": "1.2.0",\n}\n');
    await put('charts/camplane/Chart.yaml', 'version: 1.2.0\nappVersion: 1.2.0\n');
    await put('compose.yaml', '    image: ${CAMPLANE_IMAGE:-camplane/standalone:1.2.0}\n');
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function put(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }

  const run = (script: string, argument: string) =>
    promisify(execFile)(join(tools, script), [argument], {
      env: { ...process.env, CHANGELOG: join(folder, 'CHANGELOG.md'), REPOSITORY: folder },
    }).then(
      ({ stdout }) => ({ code: 0, output: stdout }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, output: stderr }),
    );

  it('prints the notes of a version without its heading', async () => {
    expect(await run('notes.sh', '1.3.0')).toEqual({ code: 0, output: '### Added\n\n- A button.\n' });
    expect(await run('notes.sh', '1.2.0')).toEqual({ code: 0, output: '- The first one.\n' });
  });

  it('fails for a version without notes', async () => {
    for (const version of ['1.1.0', '1.2', '9.9.9']) {
      expect(await run('notes.sh', version)).toEqual({
        code: 1,
        output: `CHANGELOG.md has no notes under '## ${version}'\n`,
      });
    }
  });

  it('accepts a tag that agrees with every version', async () => {
    expect(await run('check-version.sh', 'v1.2.0')).toEqual({ code: 0, output: '' });
  });

  it('names every file that disagrees with the tag', async () => {
    const { code, output } = await run('check-version.sh', 'v1.3.0');
    expect(code).toBe(1);
    for (const file of ['package.json', 'charts/camplane/Chart.yaml', 'compose.yaml']) {
      expect(output).toContain(`${file} lacks `);
    }
    expect((await run('check-version.sh', 'v1.2.0; true')).output).toContain('is not a tag like v1.2.3');
  });
});
