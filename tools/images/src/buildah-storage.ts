import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ImageConfiguration } from './container.ts';

export type MountedImage = { configuration: ImageConfiguration; folder: string; remove(): Promise<void> };

/** Mounts an image of a buildah storage; what is written there stays apart from the image. */
export async function mountImage(storage: string, image: string): Promise<MountedImage> {
  const buildah = async (...args: string[]): Promise<string> => {
    const all = ['--root', `${storage}/root`, '--runroot', `${storage}/run`, ...args];
    const { stdout } = await promisify(execFile)('buildah', all, { maxBuffer: 10_000_000 });
    return stdout.trim();
  };
  const { Docker } = JSON.parse(await buildah('inspect', '--type', 'image', image)) as {
    Docker: {
      config: {
        User: string;
        Env: string[];
        Cmd: string[];
        WorkingDir: string;
        Healthcheck?: { Test: string[] };
      };
    };
  };
  const { User, Env, Cmd, WorkingDir, Healthcheck } = Docker.config;
  const container = await buildah('from', '--pull-never', image);
  return {
    configuration: {
      user: User,
      environment: Env,
      command: Cmd,
      workingFolder: WorkingDir,
      // The first word is CMD.
      healthCheck: Healthcheck?.Test.slice(1) ?? [],
    },
    folder: await buildah('mount', container),
    async remove() {
      await buildah('umount', container);
      await buildah('rm', container);
    },
  };
}
