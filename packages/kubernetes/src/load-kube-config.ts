import { existsSync } from 'node:fs';
import { messageOf } from '@camplane/runtime/message-of';
import { KubeConfig } from '@kubernetes/client-node';

/** Where the kubelet mounts a pod's service account ("Configure Service Accounts for Pods"). */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Loads the given kubeconfig file, or in a pod the service account, whose token is reread when the kubelet renews it.
 *
 * @param rootFolder prefix of the service account's folder, for tests
 * @throws Error with the remedy if both are missing or the file is invalid
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
      throw new Error(`KUBECONFIG is not a usable file: ${kubeConfigFile}: ${reason}`, { cause });
    }
    if (!kubeConfig.getCurrentCluster()) {
      throw new Error(
        `KUBECONFIG has no current context: ${kubeConfigFile}: set one with kubectl config use-context`,
      );
    }
    return kubeConfig;
  }
  if (!existsSync(`${rootFolder}${serviceAccountFolder}/token`)) {
    throw new Error('no cluster configured: set KUBECONFIG, or run in a pod with a service account');
  }
  kubeConfig.loadFromCluster(rootFolder);
  return kubeConfig;
}

/** Parses the text of a kubeconfig. */
export function parseKubeConfig(text: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(text);
  return kubeConfig;
}
