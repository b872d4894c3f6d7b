import { createApiClient } from '@camplane/testkit/kubernetes-request';
import type { ApiRequest } from '@camplane/testkit/kubernetes-request';
import type { CamplaneCluster } from './camplane-cluster.ts';
import type { Tenant } from './tenants.ts';

/** ServiceAccounts with a token in their pods. */
export const accounts = ['camplane-control-api', 'camplane-camera-operator'] as const;
export type Account = (typeof accounts)[number];

type Method = NonNullable<ApiRequest['method']>;
type Attempt = `${Method} ${string}`;

const cameras = '/apis/camplane.dev/v1alpha1';

/** Requests in its own namespace that an account needs, and ones that it must not be able to send. */
export const ownNamespace: Record<Account, { allowed: Attempt[]; refused: Attempt[] }> = {
  'camplane-control-api': {
    allowed: [`GET ${cameras}/namespaces/NS/cameras`, 'GET /api/v1/namespaces/NS/secrets/camplane-admin'],
    refused: [
      'GET /api/v1/namespaces/NS/secrets',
      'DELETE /api/v1/namespaces/NS/secrets',
      `PATCH ${cameras}/namespaces/NS/cameras/street/status`,
      'GET /api/v1/namespaces/NS/pods',
      'GET /apis/coordination.k8s.io/v1/namespaces/NS/leases',
      'GET /apis/apps/v1/namespaces/NS/deployments',
    ],
  },
  'camplane-camera-operator': {
    allowed: [`GET ${cameras}/namespaces/NS/cameras`, 'GET /apis/apps/v1/namespaces/NS/deployments'],
    refused: [
      'GET /api/v1/namespaces/NS/secrets/camplane-admin',
      'POST /api/v1/namespaces/NS/secrets',
      `PATCH ${cameras}/namespaces/NS/cameras/street`,
      `DELETE ${cameras}/namespaces/NS/cameras/street`,
      'POST /api/v1/namespaces/NS/pods',
      'DELETE /api/v1/namespaces/NS/pods',
      'GET /apis/apps/v1/namespaces/NS/statefulsets',
    ],
  },
};

/** Refused to both accounts in every namespace: ways to more rights, or into running pods. */
const neverAllowed: Attempt[] = [
  'POST /api/v1/namespaces/NS/serviceaccounts/camplane-camera-operator/token',
  'POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles',
  'POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings',
  'PATCH /apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles/camplane-control-api',
  'DELETE /apis/networking.k8s.io/v1/namespaces/NS/networkpolicies',
  'POST /api/v1/namespaces/NS/pods/any/exec?command=id',
  'GET /api/v1/namespaces/NS/pods/any/log',
  'GET /api/v1/namespaces/NS/services/camplane-control-api:8080/proxy/',
];

/** The whole cluster, where no account has a right. */
const clusterWide: Attempt[] = [
  'GET /api/v1/namespaces',
  'GET /api/v1/nodes',
  'GET /api/v1/secrets',
  'GET /api/v1/pods',
  'GET /apis/events.k8s.io/v1/events',
  `GET ${cameras}/cameras`,
  'GET /apis/coordination.k8s.io/v1/leases',
  'POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  'PATCH /apis/apiextensions.k8s.io/v1/customresourcedefinitions/cameras.camplane.dev',
];

/** Requests with the token of a ServiceAccount, as its pod sends them. */
export async function actAs({ cluster, kubectl }: CamplaneCluster, namespace: string, account: string) {
  const token = (await kubectl(['-n', namespace, 'create', 'token', account])).trim();
  const { url, certificateAuthority } = cluster.api;
  const client = createApiClient({ url, token, certificateAuthority });
  const send = async (attempt: Attempt, target: string) => {
    const [method, path = ''] = attempt.split(' ') as [Method, string];
    const isPatch = method === 'PATCH';
    const { status } = await client.request({
      ...{ method, path: path.replace('NS', target) },
      ...(method === 'GET' || method === 'DELETE' ? {} : { body: {} }),
      ...(isPatch ? { contentType: 'application/merge-patch+json' } : {}),
    });
    return status;
  };
  return {
    /** The attempts whose status is another than expected, for messages. */
    unexpected: async (attempts: readonly Attempt[], target: string, status: number) => {
      const found: string[] = [];
      for (const attempt of attempts) {
        const seen = await send(attempt, target);
        if (seen !== status) found.push(`${account}: ${attempt.replace('NS', target)}: ${seen}`);
      }
      return found;
    },
    /** All of its rights in a namespace, as the API server sees them. */
    rulesIn: async (target: string): Promise<string[]> => {
      const { body } = await client.request({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
        body: {
          ...{ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview' },
          spec: { namespace: target },
        },
      });
      const { status } = body as { status: { resourceRules: unknown[]; nonResourceRules: unknown[] } };
      return [...status.resourceRules, ...status.nonResourceRules]
        .map((rule) => JSON.stringify(rule))
        .toSorted();
    },
    close: () => client.close(),
  };
}

/** Requests that must be refused but are not, and the reverse. */
export async function wrongRights(camplane: CamplaneCluster, own: Tenant, other: Tenant): Promise<string[]> {
  const wrong: string[] = [];
  for (const account of accounts) {
    const { allowed, refused } = ownNamespace[account];
    const caller = await actAs(camplane, own, account);
    wrong.push(...(await caller.unexpected(allowed, own, 200)));
    wrong.push(...(await caller.unexpected([...refused, ...neverAllowed], own, 403)));
    const elsewhere = [...allowed, ...refused, ...neverAllowed];
    wrong.push(...(await caller.unexpected(elsewhere, other, 403)));
    wrong.push(...(await caller.unexpected(clusterWide, '', 403)));
    caller.close();
  }
  return wrong;
}
