import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder like a ConfigMap or a Secret mounted by the kubelet: the link `..data` replaces all files atomically. */
export type MountedVolume = {
  readonly path: string;
  /** Replaces all files. */
  put(files: Record<string, string>): Promise<void>;
};

export async function createMountedVolume(path: string): Promise<MountedVolume> {
  let version = 0;
  let names: string[] = [];
  await mkdir(path, { recursive: true });
  return {
    path,
    async put(files) {
      const before = `..version-${version}`;
      version += 1;
      const folder = `..version-${version}`;
      await mkdir(join(path, folder));
      for (const [name, text] of Object.entries(files)) await writeFile(join(path, folder, name), text);
      await symlink(folder, join(path, '..data_tmp'));
      await rename(join(path, '..data_tmp'), join(path, '..data'));
      for (const name of names.filter((known) => !(known in files))) await rm(join(path, name));
      for (const name of Object.keys(files).filter((known) => !names.includes(known))) {
        await symlink(join('..data', name), join(path, name));
      }
      names = Object.keys(files);
      await rm(join(path, before), { recursive: true, force: true });
    },
  };
}
