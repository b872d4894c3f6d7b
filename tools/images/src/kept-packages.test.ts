import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyKeptPackages, keptPackageOf } from './kept-packages.ts';

const machine = { platform: 'linux', arch: 'arm64' };
let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await createTemporaryFolder();
});
afterEach(() => folder.remove());

async function write(path: string, text = ''): Promise<void> {
  await mkdir(dirname(join(folder.path, path)), { recursive: true });
  await writeFile(join(folder.path, path), text);
}

/** A package in a store with pnpm's layout. */
async function install(name: string, manifest: object, files: readonly string[] = []): Promise<void> {
  await write(
    `store/${name}/node_modules/${name}/package.json`,
    JSON.stringify({ version: '1.0.0', ...manifest }),
  );
  for (const file of files) await write(`store/${name}/node_modules/${name}/${file}`);
}

async function link(importer: string, name: string): Promise<void> {
  const path = join(folder.path, importer, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(join(folder.path, `store/${name}/node_modules/${name}`), path);
}

async function copied(): Promise<string[]> {
  const target = join(folder.path, 'target');
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1))
    .sort();
}

const copy = (...names: string[]) =>
  copyKeptPackages(
    new Map(names.map((name) => [name, join(folder.path, 'service')])),
    join(folder.path, 'target'),
    machine,
  );

describe('unbundled packages', () => {
  it('match their name and their subpaths', () => {
    expect(keptPackageOf('sharp')).toBe('sharp');
    expect(keptPackageOf('@electric-sql/pglite/live')).toBe('@electric-sql/pglite');
    expect(keptPackageOf('sharper')).toBeUndefined();
  });

  it('include their dependencies and exclude maps and types', async () => {
    await install('sharp', { dependencies: { colour: '1' }, optionalDependencies: { elsewhere: '1' } }, [
      'lib/index.js',
      'lib/index.js.map',
      'lib/index.d.ts',
    ]);
    await install('colour', {});
    await link('service', 'sharp');
    await link('store/sharp', 'colour');
    const found = await copy('sharp');
    expect(found.map(({ name }) => name)).toEqual(['sharp', 'colour']);
    expect(await copied()).toEqual(['colour/package.json', 'sharp/lib/index.js', 'sharp/package.json']);
  });

  it('include only the libraries of the given machine', async () => {
    await install('onnxruntime-node', { dependencies: { 'adm-zip': '1' } }, [
      'bin/napi-v6/linux/arm64/library.so',
      'bin/napi-v6/linux/x64/library.so',
      'bin/napi-v6/darwin/arm64/library.dylib',
    ]);
    await link('service', 'onnxruntime-node');
    await copy('onnxruntime-node');
    expect(await copied()).toEqual([
      'onnxruntime-node/bin/napi-v6/linux/arm64/library.so',
      'onnxruntime-node/package.json',
    ]);
  });

  it('fail if a dependency is not installed', async () => {
    await install('sharp', { dependencies: { colour: '1' } });
    await link('service', 'sharp');
    await expect(copy('sharp')).rejects.toThrow(/colour, which .* needs, is not installed/);
  });

  it('fail if two versions of a package are needed', async () => {
    await install('sharp', { dependencies: { colour: '1' } });
    await install('colour', {});
    await link('service', 'sharp');
    await link('store/sharp', 'colour');
    await write('service/node_modules/colour/package.json', JSON.stringify({ version: '2.0.0' }));
    await expect(copy('colour', 'sharp')).rejects.toThrow(/two versions: 2\.0\.0 and 1\.0\.0/);
  });
});
