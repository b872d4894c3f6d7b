import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CamplaneCluster } from './camplane-cluster.ts';

const run = promisify(execFile);

/** Where clouds give programs of a machine its credentials. */
export const metadataAddress = '169.254.169.254';

/** Makes a pod, given by one of its processes, answer at that address, as far as the node is concerned. */
export async function routeMetadataTo(
  { cluster }: CamplaneCluster,
  pod: { pid: number; address: string },
): Promise<void> {
  const ip = (pid: number, ...args: string[]) =>
    run('nsenter', ['--target', String(pid), '--net', '--', 'ip', ...args]);
  await ip(pod.pid, 'address', 'add', `${metadataAddress}/32`, 'dev', 'eth0');
  await ip(cluster.nodePid, 'route', 'add', `${metadataAddress}/32`, 'via', pod.address);
}
