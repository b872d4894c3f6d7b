import { cameraResourceSchema } from '@camplane/contracts/camera-resource';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';
import type { Cluster } from '../connect.ts';
import { requestApi } from './request-api.ts';
import { good, notChecked, unknown, wrong } from './finding.ts';
import type { Finding } from './finding.ts';

/** The CRD's validation rules use `isIP`. */
const versionMin = { major: 1, minor: 31 };
const crdName = 'cameras.camplane.dev';
const installCrd = 'kubectl apply -k k8s/crds';

const versionSchema = z.object({ major: z.string(), minor: z.string(), gitVersion: z.string() });

/** Checks the API server's version. @throws KubernetesError if it is unreachable */
export async function checkVersion(cluster: Cluster, signal: AbortSignal): Promise<Finding> {
  const parsed = versionSchema.safeParse(await requestApi(cluster, '/version', signal));
  if (!parsed.success) return unknown('cluster', `${cluster.server} returned no version`);
  const { major, minor, gitVersion } = parsed.data;
  const isOld = Number(major) === versionMin.major && Number.parseInt(minor, 10) < versionMin.minor;
  const message = `${cluster.server} runs Kubernetes ${gitVersion}`;
  return isOld
    ? wrong('cluster', message, `upgrade to Kubernetes ${versionMin.major}.${versionMin.minor} or newer`)
    : good('cluster', message);
}

const crdSchema = z.object({
  spec: z.object({
    versions: z.array(z.object({ name: z.string(), served: z.boolean(), schema: z.unknown() })),
  }),
  status: z
    .object({
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') }))
        .default([]),
    })
    .default({ conditions: [] }),
});

/** Checks that the CRD is installed, served, and has all fields of this version of Camplane. */
export async function checkDefinition(cluster: Cluster, signal: AbortSignal): Promise<Finding> {
  const about = 'definition';
  try {
    const crd = await requestApi(
      cluster,
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crdName}`,
      signal,
    );
    return evaluateDefinition(crd);
  } catch (error) {
    const kind = error instanceof KubernetesError ? error.kind : undefined;
    if (kind === 'not-found') return wrong(about, `${crdName} is not installed`, installCrd);
    if (kind !== 'forbidden') return notChecked(about, error);
  }
  // CRDs are cluster-scoped, so most users may not read them. Listing cameras proves that one is installed.
  try {
    const selection = { namespace: cluster.namespace, metadataOnly: true };
    await cluster.api.list(resourceTypes.camera, selection, signal);
    return good(about, `${crdName} is installed (no permission to check its version)`);
  } catch (error) {
    const isMissing = error instanceof KubernetesError && error.kind === 'not-found';
    return isMissing ? wrong(about, `${crdName} is not installed`, installCrd) : notChecked(about, error);
  }
}

export function evaluateDefinition(crd: unknown): Finding {
  const about = 'definition';
  const parsed = crdSchema.safeParse(crd);
  if (!parsed.success) return unknown(about, `${crdName} is installed, but has an unexpected format`);
  const { spec, status } = parsed.data;
  const established = status.conditions.find(({ type }) => type === 'Established');
  if (established?.status !== 'True') {
    const why = status.conditions.find(({ status }) => status === 'False')?.message ?? '';
    return wrong(
      about,
      `${crdName} is installed, but not served yet: ${why}`,
      `wait a moment, then run ${installCrd}`,
    );
  }
  const { version } = resourceTypes.camera;
  const served = spec.versions.find(({ name, served }) => name === version && served);
  if (!served) return wrong(about, `${crdName} does not serve ${version}`, installCrd);
  const has = new Set(pathsOf((served.schema as { openAPIV3Schema?: unknown }).openAPIV3Schema));
  const missing = knownPaths().filter((path) => !has.has(path));
  if (missing.length === 0) return good(about, `${crdName}/${version} is installed and up to date`);
  const some = missing.slice(0, 3).join(', ') + (missing.length > 3 ? ` and ${missing.length - 3} more` : '');
  return wrong(about, `${crdName} is outdated: it has no ${some}`, installCrd);
}

/** The fields in contracts, such as `spec.source.url`. */
function knownPaths(): string[] {
  const { spec, status } = cameraResourceSchema.shape;
  return pathsOf(z.toJSONSchema(z.object({ spec, status }), { io: 'input', unrepresentable: 'any' }));
}

type SchemaNode = { properties?: Record<string, unknown>; items?: unknown; anyOf?: unknown[] };

function pathsOf(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, items, anyOf = [] } = schema as SchemaNode;
  const own = Object.entries(properties).flatMap(([name, child]) => {
    const full = path === '' ? name : `${path}.${name}`;
    return [full, ...pathsOf(child, full)];
  });
  return [...own, ...pathsOf(items, path), ...anyOf.flatMap((branch) => pathsOf(branch, path))];
}
