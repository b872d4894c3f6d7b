import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { messageOf } from '@camplane/runtime/message-of';

/** What failed, and what to do, for a person. */
export type Explanation = { what: string; remedy: string };

/** @param where the namespace and server that were asked */
export function explainError(error: unknown, where: { namespace: string; server: string }): Explanation {
  if (!(error instanceof KubernetesError)) {
    return { what: messageOf(error), remedy: '' };
  }
  const what = withoutRequest(error.message);
  switch (error.kind) {
    case 'forbidden':
      return {
        what: `you are not allowed to ${rightOf(error.message) ?? 'do that'}`,
        remedy: forbiddenRemedy(error),
      };
    case 'unauthorized':
      return {
        what: `the login is not accepted: ${what}`,
        remedy: 'renew the login of the kubeconfig, or use another --context',
      };
    case 'not-found':
      return {
        what: 'the cluster does not know Camera resources',
        remedy:
          'install the definition: kubectl apply -k k8s/crds (or the chart), or choose another --context',
      };
    case 'unavailable':
    case 'silent':
      if (error.status !== null) {
        return {
          what,
          remedy: 'the API server answers, but not what is behind it: camplane doctor says more',
        };
      }
      return {
        what: `the API server at ${where.server} does not answer: ${what}`,
        remedy:
          'look whether the cluster runs and is reached from here (kubectl version), or use another --context',
      };
    case 'too-many-requests':
      return { what: 'the API server has too much to do', remedy: 'try again in a minute' };
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

/** `list cameras.camplane.dev in namespace yard`, of the API server's sentence. */
export function rightOf(message: string): string | undefined {
  const [, verb, resource, group, namespace] = forbiddenPattern.exec(message) ?? [];
  if (verb === undefined || resource === undefined) return undefined;
  const [plural, subresource] = resource.split('/', 2);
  const full = `${plural}${group ? `.${group}` : ''}${subresource === undefined ? '' : `/${subresource}`}`;
  return `${verb} ${full}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

function forbiddenRemedy(error: KubernetesError): string {
  const [, verb, resource, group] = forbiddenPattern.exec(error.message) ?? [];
  if (verb === undefined) return 'ask whoever manages the cluster for the right';
  return `ask for a role with this rule: apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]`;
}

/** The sentence without `GET /api/…: ` before it. */
function withoutRequest(message: string): string {
  return message.replace(/^(GET|POST|PUT|PATCH|DELETE) \S+: /, '');
}
