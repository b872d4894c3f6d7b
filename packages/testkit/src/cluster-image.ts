import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Writes an image with one static program in the format of `docker save` (image specification v1.2), which every
 * container runtime can import. Returns the archive's file.
 */
export async function writeProgramImage(options: {
  image: string;
  program: string;
  folder: string;
}): Promise<string> {
  const folder = join(options.folder, options.image.replaceAll(/[^a-z0-9]/g, '-'));
  const root = join(folder, 'root');
  const name = basename(options.program);
  await mkdir(root, { recursive: true });
  await copyFile(options.program, join(root, name));
  const reproducible = ['--owner=0', '--group=0', '--mtime=@0', '--sort=name'];
  await run('tar', [
    '--create',
    `--file=${join(folder, 'layer.tar')}`,
    ...reproducible,
    `--directory=${root}`,
    '.',
  ]);
  const digest = createHash('sha256')
    .update(await readFile(join(folder, 'layer.tar')))
    .digest('hex');
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const configuration = {
    architecture,
    os: 'linux',
    config: { Entrypoint: [`/${name}`], WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(configuration));
  const manifest = [{ Config: 'config.json', RepoTags: [options.image], Layers: ['layer.tar'] }];
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(options.folder, `${options.image.replaceAll(/[^a-z0-9]/g, '-')}.tar`);
  await run('tar', [
    '--create',
    `--file=${archive}`,
    `--directory=${folder}`,
    'manifest.json',
    'config.json',
    'layer.tar',
  ]);
  return archive;
}
