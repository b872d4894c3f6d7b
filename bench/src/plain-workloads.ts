import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';

const paths = { configmaps: '/api/v1', services: '/api/v1', deployments: '/apis/apps/v1' } as const;
const concurrency = 16;

type Written = {
  apiVersion?: string;
  kind?: string;
  metadata: Record<string, unknown>;
  spec?: Record<string, unknown>;
  data?: unknown;
};

/**
 * Creates copies of one camera's workload in another namespace, like a script would, without operator, owners and
 * statuses. The control of P9.
 */
export async function createPlainWorkloads(options: {
  api: TestKubernetesApi;
  from: string;
  /** The id of the camera to copy; it must not be a prefix of another id. */
  camera: string;
  to: string;
  count: number;
}): Promise<void> {
  const { api, from, camera, to, count } = options;
  const models = await Promise.all(
    Object.entries(paths).map(async ([plural, group]) => {
      const path = `${group}/namespaces/${from}/${plural}/camera-${camera}`;
      const found = (await api.request({ path })).body as Written;
      return {
        target: `${group}/namespaces/${to}/${plural}`,
        text: JSON.stringify(withoutServersPart(found)),
      };
    }),
  );
  let next = 0;
  const work = async () => {
    for (let n = next++; n < count; n = next++) {
      for (const { target, text } of models) {
        const body = JSON.parse(text.replaceAll(camera, `plain-${n}`)) as object;
        const answer = await api.request({ method: 'POST', path: target, body });
        if (answer.status !== 201) throw new Error(`${target}: ${JSON.stringify(answer.body)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

function withoutServersPart({ apiVersion, kind, metadata, spec, data }: Written): Written {
  const { name, labels, annotations } = metadata;
  // The addresses that a Service was assigned.
  const { clusterIP, clusterIPs, ...wanted } = spec ?? {};
  void [clusterIP, clusterIPs];
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata: { name, labels, annotations },
    ...(spec === undefined ? {} : { spec: wanted }),
    ...(data === undefined ? {} : { data }),
  };
}
