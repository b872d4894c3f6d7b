import { textValue } from '@camplane/service-kit/environment-values';

/** For the environment of a service that uses a cluster: see `loadKubeConfig`. */
export const clusterVariables = {
  KUBECONFIG: {
    schema: textValue().optional(),
    description:
      'Kubeconfig file for access from outside the cluster; the service account of the pod if not set.',
    example: './kubeconfig.yaml',
  },
};

/** For services that need a namespace. If it is not always required, make the schema optional. */
export const namespaceVariable = {
  schema: textValue(63),
  description: 'Namespace of the `Camera` resources.',
  example: 'camplane',
};
