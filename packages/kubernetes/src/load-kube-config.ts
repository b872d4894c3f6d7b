import { existsSync } from 'node:fs';
import { messageOf } from '@camplane/runtime/message-of';
import { KubeConfig } from '@kubernetes/client-node';

/** Where the kubelet mounts a pod's service account ("Configure Service Accounts for Pods"). */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * How to reach the cluster: by the file that is named, else, in a pod, by its service account, whose token is read
 * again from disk as the kubelet renews it.
 *
 * @param rootFolder stands before the service account's folder: for tests
 * @throws Error with the remedy where there is neither, or the file is no kubeconfig
 */
export function loadKubeConfig(options: {
  kubeConfigFile: string | undefined;
  rootFolder?: string;
}): KubeConfig {
  const { kubeConfigFile, rootFolder = '' } = options;
  const kubeConfig = new KubeConfig();
  if (kubeConfigFile !== undefined) {
    try {
      kubeConfig.loadFromFile(kubeConfigFile);
    } catch (cause) {
      const reason = messageOf(cause);
      throw new Error(`KUBECONFIG names a file that cannot be used: ${kubeConfigFile}: ${reason}`, { cause });
    }
    if (!kubeConfig.getCurrentCluster()) {
      throw new Error(
        `KUBECONFIG names a file without a current context: ${kubeConfigFile}: set one with kubectl`,
      );
    }
    return kubeConfig;
  }
  if (!existsSync(`${rootFolder}${serviceAccountFolder}/token`)) {
    throw new Error('no cluster is known: set KUBECONFIG, or run in a pod with a service account');
  }
  kubeConfig.loadFromCluster(rootFolder);
  return kubeConfig;
}

/** A kubeconfig that is at hand as text. */
export function parseKubeConfig(text: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(text);
  return kubeConfig;
}
