import { execFile, spawn } from 'node:child_process';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What an image says of how it is run. */
export type ImageConfiguration = {
  /** `uid:gid` */
  user: string;
  environment: string[];
  command: string[];
  workingFolder: string;
  healthCheck: string[];
};

export type Container = {
  /** Runs a program in it, as the image's user. */
  run(command: readonly string[]): Promise<{ code: number; output: string }>;
  /** Everything that its program wrote so far. */
  output(): string;
  isRunning(): boolean;
  /** SIGTERM, and SIGKILL after ten seconds; gives the exit code. Its files are gone after that. */
  stop(): Promise<number | null>;
};

const stopMaxMs = 10_000;

/**
 * Runs an image as a strict cluster would, by runc alone: the image's own user, root read-only, no capability, no
 * way to gain one, a network of its own with nothing but loopback. It can write to `/data` and `/tmp`.
 *
 * @param rootFolder the mounted image
 */
export async function startContainer(
  image: ImageConfiguration,
  rootFolder: string,
  environment: readonly string[],
): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), 'camplane-container-'));
  const id = folder.slice(folder.lastIndexOf('/') + 1);
  const [uid = 0, gid = 0] = image.user.split(':').map(Number);
  await mkdir(join(folder, 'data'));
  await chown(join(folder, 'data'), uid, gid);
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify(
      runtimeConfiguration(image, { rootFolder, folder, uid, gid, environment: [...environment] }),
    ),
  );
  const state = join(folder, 'state');
  const child = spawn('runc', ['--root', state, 'run', '--bundle', folder, id], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-200_000);
    });
  }
  return {
    output: () => output,
    isRunning: () => child.exitCode === null,
    run: (command) =>
      promisify(execFile)('runc', ['--root', state, 'exec', id, ...command], { timeout: 30_000 }).then(
        ({ stdout }) => ({ code: 0, output: stdout }),
        (error: { code?: number; stdout?: string; stderr?: string }) => ({
          code: typeof error.code === 'number' ? error.code : 1,
          output: `${error.stdout ?? ''}${error.stderr ?? ''}`,
        }),
      ),
    async stop() {
      // runc hands the signal on to the container's first process.
      child.kill('SIGTERM');
      const timer = setTimeout(() => {
        void promisify(execFile)('runc', ['--root', state, 'kill', id, 'KILL']).catch(() => undefined);
      }, stopMaxMs);
      await ended;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}

/** https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config.md */
function runtimeConfiguration(
  image: ImageConfiguration,
  run: { rootFolder: string; folder: string; uid: number; gid: number; environment: string[] },
): object {
  const withoutCapabilities = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };
  const nothingGained = ['nosuid', 'noexec', 'nodev'];
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: run.uid, gid: run.gid },
      args: image.command,
      env: [...image.environment, ...run.environment],
      cwd: image.workingFolder,
      capabilities: withoutCapabilities,
      noNewPrivileges: true,
    },
    root: { path: run.rootFolder, readonly: true },
    hostname: 'camplane',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: nothingGained },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755'] },
      { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...nothingGained, 'mode=1777'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: [...nothingGained, 'mode=1777'] },
      {
        destination: '/data',
        type: 'bind',
        source: join(run.folder, 'data'),
        options: ['bind', ...nothingGained],
      },
    ],
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })),
      maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/sched_debug', '/proc/scsi', '/proc/timer_list'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}
