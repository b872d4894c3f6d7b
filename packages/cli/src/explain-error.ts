import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { messageOf } from '@camplane/runtime/message-of';

/** A failure and its remedy, for users. */
export type Explanation = { what: string; remedy: string };

/** @param where the namespace and server of the request */
export function explainError(error: unknown, where: { namespace: string; server: string }): Explanation {
  if (!(error instanceof KubernetesError)) {
    return { what: messageOf(error), remedy: '' };
  }
  const what = withoutRequest(error.message);
  switch (error.kind) {
    case 'forbidden':
      return {
        what: `you are not allowed to ${permissionOf(error.message) ?? 'do that'}`,
        remedy: forbiddenRemedy(error),
      };
    case 'unauthorized':
      return {
        what: `login rejected: ${what}`,
        remedy: 'renew the login in the kubeconfig, or use another --context',
      };
    case 'not-found':
      return {
        what: 'the cluster has no Camera resources',
        remedy:
          'install the definition with kubectl apply -k k8s/crds or the chart, or use another --context',
      };
    case 'unavailable':
    case 'silent':
      if (error.status !== null) {
        return {
          what,
          remedy: 'the API server cannot reach its target, run camplane doctor',
        };
      }
      return {
        what: `the API server at ${where.server} is unreachable: ${what}`,
        remedy: 'check that the cluster runs and is reachable (kubectl version), or use another --context',
      };
    case 'too-many-requests':
      return { what: 'the API server is overloaded', remedy: 'try again in a minute' };
    case 'invalid':
    case 'already-exists':
    case 'conflict':
    case 'gone':
    case 'not-understood':
      return { what, remedy: '' };
  }
}

const forbiddenPattern =
  /cannot (\w+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;

/** Extracts `list cameras.camplane.dev in namespace yard` from the API server's message. */
export function permissionOf(message: string): string | undefined {
  const [, verb, resource, group, namespace] = forbiddenPattern.exec(message) ?? [];
  if (verb === undefined || resource === undefined) return undefined;
  const [plural, subresource] = resource.split('/', 2);
  const full = `${plural}${group ? `.${group}` : ''}${subresource === undefined ? '' : `/${subresource}`}`;
  return `${verb} ${full}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

function forbiddenRemedy(error: KubernetesError): string {
  const [, verb, resource, group] = forbiddenPattern.exec(error.message) ?? [];
  if (verb === undefined) return 'ask the cluster administrator for the permission';
  return `ask for a role with this rule: apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]`;
}

/** Removes the prefix `GET /api/…: `. */
function withoutRequest(message: string): string {
  return message.replace(/^(GET|POST|PUT|PATCH|DELETE) \S+: /, '');
}
