import { CamplaneError } from '@camplane/contracts/problem';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';

/** What a request to the cluster failed with, in the words of the HTTP API. Other errors stay as they are. */
export function toRegistryError(error: unknown): unknown {
  if (!(error instanceof KubernetesError)) return error;
  const { causes, message } = error;
  switch (error.kind) {
    case 'invalid': {
      const fields = causes
        // "some validation rules were not checked because the object was invalid": says nothing of a field.
        .filter(({ field }) => field !== '' && field !== '<nil>')
        .map((cause) => ({ path: bodyPath(cause.field), message: reasonOf(cause.message) }));
      return new CamplaneError('invalid-body', 'The cluster refuses this camera', { cause: error, fields });
    }
    case 'forbidden':
      return unavailable(`The cluster forbids it to control-api: ${message}`, error);
    case 'unauthorized':
      return unavailable(`The cluster does not accept control-api's login: ${message}`, error);
    case 'not-found':
      return unavailable(
        `The cluster knows no Camera resources: kubectl apply -k k8s/crds (${message})`,
        error,
      );
    case 'conflict':
    case 'already-exists':
      return unavailable(
        'The camera was changed by others at the same time, again and again: try again',
        error,
      );
    case 'too-many-requests':
    case 'gone':
    case 'unavailable':
    case 'silent':
    case 'not-understood':
      return unavailable(`The cluster's API does not answer as it should: ${message}`, error);
  }
}

/** As the body names it: `spec.zones[0].name` is `zones.0.name`, `metadata.name` is `id`. */
function bodyPath(field: string): string {
  if (field === 'metadata.name') return 'id';
  const path = field.replace(/^spec\./, '').replaceAll(/\[(\d+)\]/g, '.$1');
  return path.startsWith('source.credentialsSecretRef') ? 'source.credentials' : path;
}

/** Without the API server's own beginning: `Invalid value: "string": `. */
function reasonOf(message: string): string {
  return message.replace(/^Invalid value: ("[^"]*"|[^:]*): /, '');
}

function unavailable(message: string, cause: unknown): CamplaneError {
  return new CamplaneError('store-unavailable', message, { cause });
}
