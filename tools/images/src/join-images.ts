import { execFile } from 'node:child_process';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * `node tools/images/src/join-images.ts ARCHIVE FOLDER=NAME…`: joins images written by `buildah push … dir:FOLDER` into
 * one archive in the format of `docker save` (Docker image specification 1.2). Shared layers are stored once. Layers are
 * not compressed, because compression would take most of the time. Empties the folders.
 */
const run = promisify(execFile);
const [archive, ...images] = process.argv.slice(2);
if (archive === undefined || images.length === 0) {
  process.stderr.write('usage: node tools/images/src/join-images.ts ARCHIVE FOLDER=NAME…\n');
  process.exit(2);
}

type Manifest = { config: { digest: string }; layers: { digest: string }[] };

const joined = `${archive}.folder`;
await rm(joined, { recursive: true, force: true });
await mkdir(joined, { recursive: true });
const entries = [];
for (const image of images) {
  const at = image.indexOf('=');
  const folder = image.slice(0, at);
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const take = async (digest: string, ending: string) => {
    const [, hex = ''] = digest.split(':');
    const name = `${hex}.${ending}`;
    await rename(join(folder, hex), join(joined, name)).catch(async (error: unknown) => {
      // The same layer may occur twice in an image: the empty one does.
      const isTaken = await access(join(joined, name)).then(
        () => true,
        () => false,
      );
      if (!isTaken) throw error;
    });
    return name;
  };
  const layers: string[] = [];
  for (const { digest } of manifest.layers) layers.push(await take(digest, 'tar'));
  entries.push({
    Config: await take(manifest.config.digest, 'json'),
    RepoTags: [image.slice(at + 1)],
    Layers: layers,
  });
}
await writeFile(join(joined, 'manifest.json'), JSON.stringify(entries));
await run('tar', ['--create', `--file=${archive}.partial`, `--directory=${joined}`, '.']);
await rename(`${archive}.partial`, archive);
await rm(joined, { recursive: true });
