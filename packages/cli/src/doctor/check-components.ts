import { cameraLabel } from '@camplane/contracts/camera-workload';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';
import { requestPod, requestService, schemeOf } from '../request-service.ts';
import type { Scheme, ServiceResponse } from '../request-service.ts';
import type { Cluster } from '../connect.ts';
import { plain } from '../output.ts';
import { selectPods } from '../pod-view.ts';
import { requestApi } from './request-api.ts';
import { good, notChecked, unknown, wrong } from './finding.ts';
import type { Finding } from './finding.ts';

/** A component, by its `app.kubernetes.io/name`. `port` serves its readiness; null: it has none. */
type Component = { label: string; about: string; port: number | null; isOptional: boolean };

const components: readonly Component[] = [
  { label: 'camera-operator', about: 'operator', port: 9102, isOptional: false },
  { label: 'control-api', about: 'control-api', port: 8080, isOptional: false },
  { label: 'mediamtx', about: 'edge', port: null, isOptional: false },
  { label: 'camera-service', about: 'probes', port: 9100, isOptional: false },
  { label: 'detection-service', about: 'detection', port: 9101, isOptional: true },
  { label: 'stream-proxy', about: 'live JPEG', port: 8081, isOptional: true },
];

const partOf = 'app.kubernetes.io/part-of=camplane';
const nameLabel = 'app.kubernetes.io/name';

const deploymentSchema = z.object({
  spec: z.object({ replicas: z.number().default(1) }),
  status: z
    .object({
      availableReplicas: z.number().default(0),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') }))
        .default([]),
    })
    .default({ availableReplicas: 0, conditions: [] }),
});

/** Checks that each component is deployed and available, then the dependencies that it reports. */
export async function checkComponents(cluster: Cluster, signal: AbortSignal): Promise<Finding[]> {
  const { api, namespace } = cluster;
  let deployments: KubernetesObject[];
  let services: KubernetesObject[];
  try {
    const selection = { namespace, labelSelector: `${partOf},!${cameraLabel}` };
    deployments = (await api.list(resourceTypes.deployment, selection, signal)).items;
    services = (await api.list(resourceTypes.service, selection, signal)).items;
  } catch (error) {
    return [notChecked('components', error)];
  }
  if (deployments.length === 0) return [await notInstalled(cluster, signal)];
  const checked = await Promise.all(
    components.map(async (component) => {
      const deployment = deployments.find((object) => isNamed(object, component.label));
      const runs = evaluateDeployment(component, deployment, namespace);
      const service = services.find((object) => isNamed(object, component.label));
      const { port } = component;
      if (port === null || !service) return { runs, dependencies: [] };
      const scheme = schemeOf(service, port);
      const { name } = service.metadata;
      // A Service does not route to a pod that is not ready, so ask the pod itself.
      const dependencies = await (runs.mark === 'good'
        ? requestReadiness(component, () =>
            requestService(cluster, { scheme, name, port, path: '/readyz' }, signal),
          )
        : requestUnready(cluster, { ...component, port, scheme }, signal));
      return { runs, dependencies };
    }),
  );
  return [
    ...checked.map(({ runs }) => runs),
    ...mergeDependencies(
      checked.flatMap(({ dependencies }) => dependencies),
      namespace,
    ),
  ];
}

/** The component's pods, without camera pods, which run camera-service as well. */
function selectorOf(label: string): string {
  return `${nameLabel}=${label},!${cameraLabel}`;
}

function isNamed(object: KubernetesObject, name: string): boolean {
  return object.metadata.labels?.[nameLabel] === name;
}

function evaluateDeployment(
  component: Component,
  deployment: KubernetesObject | undefined,
  namespace: string,
): Finding {
  const { about, label } = component;
  if (!deployment) {
    return component.isOptional
      ? unknown(about, `${label} is not deployed`)
      : wrong(
          about,
          `${label} is not deployed in namespace ${namespace}`,
          'install it with the chart or an overlay',
        );
  }
  const { name } = deployment.metadata;
  const parsed = deploymentSchema.safeParse(deployment);
  if (!parsed.success) return unknown(about, `deployment ${name} has an unexpected format`);
  const { spec, status } = parsed.data;
  if (spec.replicas === 0) {
    return wrong(
      about,
      `${name} is scaled to 0`,
      `kubectl -n ${namespace} scale deployment ${name} --replicas=1`,
    );
  }
  if (status.availableReplicas === 0) {
    const why = status.conditions.find(({ status }) => status === 'False')?.message ?? '';
    return wrong(
      about,
      `${name}: none of ${spec.replicas} is available${why === '' ? '' : `: ${plain(why)}`}`,
      `kubectl -n ${namespace} describe pods -l '${selectorOf(label)}'`,
    );
  }
  return good(about, `${name}: ${status.availableReplicas} of ${spec.replicas} available`);
}

type Dependency = {
  about: string;
  by: string;
  ok: boolean;
  reason: string;
  isSeen: boolean;
  isForbidden?: boolean;
};

const readinessSchema = z.object({
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), reason: z.string().optional() })),
});

/** The dependencies of an unavailable component, if one of its pods is running. */
async function requestUnready(
  cluster: Cluster,
  component: Component & { port: number; scheme: Scheme },
  signal: AbortSignal,
): Promise<Dependency[]> {
  const pods = await selectPods(cluster, `${selectorOf(component.label)},${partOf}`, signal).catch(() => []);
  const pod = pods.find(
    ({ phase, trouble, isTerminating }) => phase === 'Running' && trouble === '' && !isTerminating,
  );
  if (!pod) return [];
  const { scheme, port } = component;
  const dependencies = await requestReadiness(component, () =>
    requestPod(cluster, { scheme, name: pod.name, port, path: '/readyz' }, signal),
  );
  // It is already reported as unavailable; an unreachable pod adds nothing.
  return dependencies.filter(({ isSeen, isForbidden }) => isSeen || isForbidden);
}

/** Reads a component's dependencies from its `/readyz`. */
async function requestReadiness(
  component: Component,
  request: () => Promise<ServiceResponse>,
): Promise<Dependency[]> {
  const by = component.label;
  try {
    const response = await request();
    const { checks } = readinessSchema.parse(JSON.parse(response.body.toString('utf8')));
    return checks
      .filter(({ name, ok }) => name !== 'process' || !ok)
      .map(({ name, ok, reason = '' }) => ({ about: subjectOf(name, by), by, ok, reason, isSeen: true }));
  } catch (error) {
    const reason = error instanceof KubernetesError ? notChecked('', error).message : 'unexpected response';
    const isForbidden = error instanceof KubernetesError && error.kind === 'forbidden';
    return [{ about: `${component.about} readiness`, by, ok: false, reason, isSeen: false, isForbidden }];
  }
}

function subjectOf(check: string, by: string): string {
  if (check === 'event bus') return 'Kafka';
  return check === 'database' ? 'database' : `${by}: ${check}`;
}

const remedies: Readonly<Record<string, string>> = {
  Kafka: 'check the brokers in ConfigMap camplane-bus and their pods',
  database: 'check the PostgreSQL server in DATABASE_URL and the log of control-api',
};

/** One finding per dependency, even if several components use it. */
function mergeDependencies(dependencies: readonly Dependency[], namespace: string): Finding[] {
  return [...new Set(dependencies.map(({ about }) => about))].map((about) => {
    const all = dependencies.filter((dependency) => dependency.about === about);
    const failed = all.filter(({ ok }) => !ok);
    const names = (some: readonly Dependency[]) => some.map(({ by }) => by).join(', ');
    if (failed.length === 0) return good(about, `reported by ${names(all)}`);
    const message = failed.map(({ by, reason }) => `${by}: ${plain(reason)}`).join('; ');
    if (failed.every(({ isSeen }) => !isSeen)) return unknown(about, message);
    return wrong(
      about,
      message,
      remedies[about] ?? `see its log: kubectl -n ${namespace} logs -l ${nameLabel}=${failed[0]?.by}`,
    );
  });
}

/** Also names the namespaces with an operator, if the user may list them. */
async function notInstalled(cluster: Cluster, signal: AbortSignal): Promise<Finding> {
  const message = `Camplane is not installed in namespace ${cluster.namespace}`;
  const selector = encodeURIComponent(`${partOf},${nameLabel}=camera-operator`);
  const found = await requestApi(
    cluster,
    `/apis/apps/v1/deployments?labelSelector=${selector}`,
    signal,
  ).catch(() => undefined);
  const items = (found as { items?: { metadata?: { namespace?: string } }[] } | undefined)?.items ?? [];
  const elsewhere = items.flatMap(({ metadata }) => metadata?.namespace ?? []);
  return wrong(
    'components',
    message,
    elsewhere.length > 0
      ? `it is installed in ${elsewhere.join(', ')}, run camplane doctor --namespace ${elsewhere[0]}`
      : 'run helm install camplane charts/camplane, or use another --namespace',
  );
}
