import { textValue } from '@camplane/service-kit/environment-values';

/** For the environment of a service that talks to a cluster: see `loadKubeConfig`. */
export const clusterVariables = {
  KUBECONFIG: {
    schema: textValue().optional(),
    description: 'How to reach the cluster from outside of it. Not set: by the service account of the pod.',
    example: './kubeconfig.yaml',
  },
};
