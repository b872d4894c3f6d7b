import type { SeenRequest } from './fault-proxy.ts';
import type { PolicyRule } from './operator-cluster.ts';

const path = /^\/(?:api|apis\/([^/]+))\/[^/]+\/namespaces\/[^/]+\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

/** The rights that the requests need: lines like `apps/deployments patch`. */
export function rightsUsed(requests: readonly SeenRequest[]): string[] {
  const rights = new Set<string>();
  for (const request of requests) {
    const found = path.exec(request.path);
    if (!found) throw new Error(`request outside of a namespace: ${request.path}`);
    const [, group = '', plural = '', name, subresource] = found;
    const resource = `${group}/${plural}${subresource === undefined ? '' : `/${subresource}`}`;
    rights.add(`${resource} ${verbOf(request, name)}`);
    // A server-side apply that creates the object needs both.
    if (request.method === 'PATCH' && request.status === 201) rights.add(`${resource} create`);
  }
  return [...rights].sort();
}

/** The rights that a role grants, in the same form. */
export function rightsGranted(rules: readonly PolicyRule[]): string[] {
  return rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`)),
      ),
    )
    .sort();
}

function verbOf({ method, query }: SeenRequest, name: string | undefined): string {
  switch (method) {
    case 'GET':
      if (name !== undefined) return 'get';
      return query.get('watch') === 'true' ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    default:
      return method.toLowerCase();
  }
}
