import { CamplaneError } from '@camplane/contracts/problem';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';

/** The CamplaneError for a failed request to the cluster. Other errors are returned as they are. */
export function toRegistryError(error: unknown): unknown {
  if (!(error instanceof KubernetesError)) return error;
  const { causes, message } = error;
  switch (error.kind) {
    case 'invalid': {
      const fields = causes
        // "some validation rules were not checked because the object was invalid" has no field.
        .filter(({ field }) => field !== '' && field !== '<nil>')
        .map((cause) => ({ path: bodyPath(cause.field), message: reasonOf(cause.message) }));
      return new CamplaneError('invalid-body', 'The cluster refused this camera', { cause: error, fields });
    }
    case 'forbidden':
      return unavailable(`control-api lacks permission in the cluster: ${message}`, error);
    case 'unauthorized':
      return unavailable(`The cluster rejected the credentials of control-api: ${message}`, error);
    case 'not-found':
      return unavailable(
        `The Camera definition is not installed: kubectl apply -k k8s/crds (${message})`,
        error,
      );
    case 'conflict':
    case 'already-exists':
      return unavailable('The camera was changed by others at the same time: retry', error);
    case 'too-many-requests':
    case 'gone':
    case 'unavailable':
    case 'silent':
    case 'not-understood':
      return unavailable(`The Kubernetes API is unavailable: ${message}`, error);
  }
}

/** The path in the request body: `zones.0.name` for `spec.zones[0].name`, `id` for `metadata.name`. */
function bodyPath(field: string): string {
  if (field === 'metadata.name') return 'id';
  const path = field.replace(/^spec\./, '').replaceAll(/\[(\d+)\]/g, '.$1');
  return path.startsWith('source.credentialsSecretRef') ? 'source.credentials' : path;
}

/** Without the prefix of the API server: `Invalid value: "string": `. */
function reasonOf(message: string): string {
  return message.replace(/^Invalid value: ("[^"]*"|[^:]*): /, '');
}

function unavailable(message: string, cause: unknown): CamplaneError {
  return new CamplaneError('store-unavailable', message, { cause });
}
