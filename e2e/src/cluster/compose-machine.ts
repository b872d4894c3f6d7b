import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createNodeNamespaces } from '@camplane/testkit/cluster-namespaces';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { repository } from './camplane-cluster.ts';
import { nodeImages } from './node-images.ts';

type Settings = Readonly<Record<string, string>>;

/** A machine in its own namespaces, with Podman and Camplane's image. */
export type ComposeMachine = {
  /** Its address as seen from the test. */
  readonly address: string;
  /** Runs podman-compose with files of the repository and settings from the environment. */
  compose(
    args: readonly string[],
    options?: { files?: readonly string[]; settings?: Settings },
  ): Promise<string>;
  /** Runs a program on the machine and returns its standard output. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** The address of a container in the network that Compose created. */
  addressOf(container: string): Promise<string>;
  stop(): Promise<void>;
};

const project = 'camplane';

/**
 * `default_ulimits`: Podman's own are above what a root without CAP_SYS_RESOURCE may set.
 * `runc`: crun refuses a hybrid of control groups v1 and v2.
 */
const containersConf = (folder: string) => `
[containers]
default_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "${folder}/networks"
`;

/** The images are read from where they were built; containers and volumes are kept in the folder. */
const storageConf = (folder: string, imageStore: string) => `
[storage]
driver = "overlay"
graphroot = "${folder}/root"
runroot = "/run/camplane-storage"
[storage.options]
additionalimagestores = ["${imageStore}"]
`;

export async function startComposeMachine(): Promise<ComposeMachine> {
  const imageStore = join(dirname(await nodeImages()), 'containers/root');
  const folder = await createTemporaryFolder();
  const namespaces = await createNodeNamespaces();
  const media = join(folder.path, 'media');
  await mkdir(media);
  await writeFile(join(folder.path, 'containers.conf'), containersConf(folder.path));
  await writeFile(join(folder.path, 'storage.conf'), storageConf(folder.path, imageStore));
  const environment: Settings = {
    CONTAINERS_CONF: join(folder.path, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(folder.path, 'storage.conf'),
    CAMPLANE_IMAGE: 'localhost/camplane/standalone:test',
    MEDIA_DIR: media,
  };
  const run = (program: string, args: readonly string[], settings: Settings = {}) => {
    const variables = Object.entries({ ...environment, ...settings }).map(
      ([name, value]) => `${name}=${value}`,
    );
    return namespaces.run('env', [...variables, program, ...args]);
  };
  return {
    address: namespaces.network.nodeAddress,
    compose: (args, { files = ['compose.yaml'], settings } = {}) => {
      const selected = files.flatMap((file) => ['--file', join(repository, file)]);
      return run('podman-compose', ['--project-name', project, ...selected, ...args], settings);
    },
    run: (program, args) => run(program, args),
    addressOf: async (container) => {
      const template = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
      return (await run('podman', ['inspect', '--format', template, container])).trim();
    },
    stop: async () => {
      await run('podman', ['rm', '--all', '--force', '--time', '5']).catch(() => undefined);
      await namespaces.remove();
      await folder.remove();
    },
  };
}
