import { cameraLabel } from '@camplane/contracts/camera-workload';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';
import { askPod, askService } from '../ask-service.ts';
import type { ServiceAnswer } from '../ask-service.ts';
import type { Cluster } from '../connect.ts';
import { plain } from '../output.ts';
import { selectPods } from '../pod-view.ts';
import { askApi } from './ask-api.ts';
import { good, notSeen, unknown, wrong } from './finding.ts';
import type { Finding } from './finding.ts';

/** A part of Camplane, by its `app.kubernetes.io/name`. `port`: where it says whether it is ready. */
type Part = { label: string; about: string; port: number | null; isOptional: boolean };

const parts: readonly Part[] = [
  { label: 'camera-operator', about: 'operator', port: 9102, isOptional: false },
  { label: 'control-api', about: 'control-api', port: 8080, isOptional: false },
  { label: 'mediamtx', about: 'edge', port: null, isOptional: false },
  { label: 'camera-service', about: 'probes', port: 9100, isOptional: false },
  { label: 'detection-service', about: 'detection', port: 9101, isOptional: true },
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

/** Each part: whether it is deployed, runs, and says that it is ready; then what it needs, as it says itself. */
export async function checkParts(cluster: Cluster, signal: AbortSignal): Promise<Finding[]> {
  const { api, namespace } = cluster;
  let deployments: KubernetesObject[];
  let services: KubernetesObject[];
  try {
    const selection = { namespace, labelSelector: `${partOf},!${cameraLabel}` };
    deployments = (await api.list(resourceTypes.deployment, selection, signal)).items;
    services = (await api.list(resourceTypes.service, selection, signal)).items;
  } catch (error) {
    return [notSeen('parts', error)];
  }
  if (deployments.length === 0) return [await nothingInstalled(cluster, signal)];
  const checked = await Promise.all(
    parts.map(async (part) => {
      const deployment = deployments.find((object) => isNamed(object, part.label));
      const runs = judgeDeployment(part, deployment, namespace);
      const service = services.find((object) => isNamed(object, part.label));
      const { port } = part;
      if (port === null || !service) return { runs, needs: [] };
      // Of what is not ready no Service leads to its pod, and it is the pod that knows what it lacks.
      const needs = await (runs.mark === 'good'
        ? askReadiness(part, () =>
            askService(cluster, { name: service.metadata.name, port, path: '/readyz' }, signal),
          )
        : askUnready(cluster, { ...part, port }, signal));
      return { runs, needs };
    }),
  );
  return [
    ...checked.map(({ runs }) => runs),
    ...mergeNeeds(
      checked.flatMap(({ needs }) => needs),
      namespace,
    ),
  ];
}

/** The pods of a part: those of cameras are camera-service too. */
function selectorOf(label: string): string {
  return `${nameLabel}=${label},!${cameraLabel}`;
}

function isNamed(object: KubernetesObject, name: string): boolean {
  return object.metadata.labels?.[nameLabel] === name;
}

function judgeDeployment(part: Part, deployment: KubernetesObject | undefined, namespace: string): Finding {
  const { about, label } = part;
  if (!deployment) {
    return part.isOptional
      ? unknown(about, `${label} is not deployed`)
      : wrong(
          about,
          `${label} is not deployed in namespace ${namespace}`,
          'install it: the chart and the overlays have it',
        );
  }
  const { name } = deployment.metadata;
  const parsed = deploymentSchema.safeParse(deployment);
  if (!parsed.success) return unknown(about, `deployment ${name} is not understood`);
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

type Need = {
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

/** What a part that is not available lacks, if one of its pods is there to say so. */
async function askUnready(
  cluster: Cluster,
  part: Part & { port: number },
  signal: AbortSignal,
): Promise<Need[]> {
  const pods = await selectPods(cluster, `${selectorOf(part.label)},${partOf}`, signal).catch(() => []);
  const pod = pods.find(
    ({ phase, trouble, isLeaving }) => phase === 'Running' && trouble === '' && !isLeaving,
  );
  if (!pod) return [];
  const needs = await askReadiness(part, () =>
    askPod(cluster, { name: pod.name, port: part.port, path: '/readyz' }, signal),
  );
  // That it is not available was said; that it does not answer says no more.
  return needs.filter(({ isSeen, isForbidden }) => isSeen || isForbidden);
}

/** `/readyz` of a part: what it needs, and whether that is there. */
async function askReadiness(part: Part, ask: () => Promise<ServiceAnswer>): Promise<Need[]> {
  const by = part.label;
  try {
    const answer = await ask();
    const { checks } = readinessSchema.parse(JSON.parse(answer.body.toString('utf8')));
    return checks
      .filter(({ name, ok }) => name !== 'process' || !ok)
      .map(({ name, ok, reason = '' }) => ({ about: wordOf(name, by), by, ok, reason, isSeen: true }));
  } catch (error) {
    const reason =
      error instanceof KubernetesError ? notSeen('', error).says : 'its answer is not understood';
    const isForbidden = error instanceof KubernetesError && error.kind === 'forbidden';
    return [{ about: `${part.about}, ready`, by, ok: false, reason, isSeen: false, isForbidden }];
  }
}

function wordOf(check: string, by: string): string {
  if (check === 'event bus') return 'Kafka';
  return check === 'database' ? 'database' : `${by}: ${check}`;
}

const remedies: Readonly<Record<string, string>> = {
  Kafka: 'look at the brokers that ConfigMap camplane-bus names, and at their pods',
  database: 'look at the PostgreSQL that DATABASE_URL names; control-api’s log says more',
};

/** One line for what several need. */
function mergeNeeds(needs: readonly Need[], namespace: string): Finding[] {
  return [...new Set(needs.map(({ about }) => about))].map((about) => {
    const all = needs.filter((need) => need.about === about);
    const failed = all.filter(({ ok }) => !ok);
    const names = (some: readonly Need[]) => some.map(({ by }) => by).join(', ');
    if (failed.length === 0) return good(about, `as ${names(all)} ${all.length === 1 ? 'says' : 'say'}`);
    const says = failed.map(({ by, reason }) => `${by}: ${plain(reason)}`).join('; ');
    if (failed.every(({ isSeen }) => !isSeen)) return unknown(about, says);
    return wrong(
      about,
      says,
      remedies[about] ?? `look at its log: kubectl -n ${namespace} logs -l ${nameLabel}=${failed[0]?.by}`,
    );
  });
}

/** In which namespaces there is an operator, as far as that may be seen. */
async function nothingInstalled(cluster: Cluster, signal: AbortSignal): Promise<Finding> {
  const says = `Camplane is not installed in namespace ${cluster.namespace}`;
  const selector = encodeURIComponent(`${partOf},${nameLabel}=camera-operator`);
  const found = await askApi(cluster, `/apis/apps/v1/deployments?labelSelector=${selector}`, signal).catch(
    () => undefined,
  );
  const items = (found as { items?: { metadata?: { namespace?: string } }[] } | undefined)?.items ?? [];
  const elsewhere = items.flatMap(({ metadata }) => metadata?.namespace ?? []);
  return wrong(
    'parts',
    says,
    elsewhere.length > 0
      ? `it is in ${elsewhere.join(', ')}: camplane doctor --namespace ${elsewhere[0]}`
      : 'helm install camplane charts/camplane, or name another --namespace',
  );
}
