import { execFile } from 'node:child_process';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * `node tools/images/src/join-images.ts ARCHIVE FOLDER=NAME…`: images as `buildah push … dir:FOLDER` left them, in one
 * archive as `docker save` writes it (image specification of Docker, version 1.2). A layer that several share is in it
 * once, and nothing is compressed: the archive is read on this machine, and compressing takes most of the time.
 * The folders are used up.
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
      // A layer may be there twice: the empty one is.
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
