import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CamplaneCluster } from './camplane-cluster.ts';

const run = promisify(execFile);

/** The metadata service of clouds, which returns the credentials of the machine. */
export const metadataAddress = '169.254.169.254';

/** Assigns that address to a pod and routes it there on the node. `pid`: a process of the pod. */
export async function routeMetadataTo(
  { cluster }: CamplaneCluster,
  pod: { pid: number; address: string },
): Promise<void> {
  const ip = (pid: number, ...args: string[]) =>
    run('nsenter', ['--target', String(pid), '--net', '--', 'ip', ...args]);
  await ip(pod.pid, 'address', 'add', `${metadataAddress}/32`, 'dev', 'eth0');
  await ip(cluster.nodePid, 'route', 'add', `${metadataAddress}/32`, 'via', pod.address);
}
