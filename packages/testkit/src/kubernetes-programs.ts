import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

export type KubernetesProgram =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'kube-network-policies'
  | 'kubectl'
  | 'containerd'
  | 'ctr'
  | 'coredns'
  | 'pause'
  | 'helm';

/**
 * Finds a program in the checkout's `.tools/bin`, or on the PATH. Throws an error with the remedy if it is missing.
 */
export async function findKubernetesProgram(name: KubernetesProgram): Promise<string> {
  for (const candidate of candidates(name)) {
    if (await isExecutable(candidate)) return candidate;
  }
  throw new Error(`${name} is not installed: run 'make setup-test'`);
}

function* candidates(name: string): Generator<string> {
  for (let folder = import.meta.dirname, previous = ''; folder !== previous; folder = dirname(folder)) {
    yield join(folder, '.tools', 'bin', name);
    previous = folder;
  }
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '') yield join(folder, name);
  }
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
