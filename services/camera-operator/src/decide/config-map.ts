import type { CameraResourceSpec } from '@camplane/contracts/camera-resource';
import type { camerasFileSchema } from '@camplane/contracts/cameras-file';
import { workloadPorts } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { mediaServerConfiguration } from '@camplane/mediamtx/configuration';
import type { z } from 'zod';
import { ownedMeta, withAppliedHash } from './ownership.ts';
import type { CameraOwner } from './ownership.ts';
import type { OperatorSettings } from './operator-settings.ts';
import type { ParsedCamera } from './parse-camera.ts';

export type ConfigMap = KubernetesObject & { data: Record<string, string> };

export const configKeys = { cameras: 'cameras.json', mediaServer: 'mediamtx.yml' } as const;

/** MediaMTX's API, on the pod's loopback only. */
const mediaServerApiPort = 9997;

/** What identifies the configuration in a pod. */
type CameraRevision = Pick<ParsedCamera, 'generation' | 'startRequestedAt'>;

/** The pod's configuration files. Credentials are mounted from their Secret instead. */
export function configMapOf(
  owner: CameraOwner,
  revision: CameraRevision,
  spec: CameraResourceSpec,
  settings: Pick<OperatorSettings, 'logLevel'>,
): ConfigMap {
  return withAppliedHash({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: ownedMeta(owner),
    data: {
      [configKeys.cameras]: camerasFile(owner.id, revision, spec),
      [configKeys.mediaServer]: mediaServerFile(settings),
    },
  });
}

/** The revision in a ConfigMap; null if it has no valid cameras file. */
export function revisionOf(configMap: KubernetesObject): CameraRevision | null {
  const { data } = configMap as Partial<ConfigMap>;
  try {
    const file = JSON.parse(data?.[configKeys.cameras] ?? '') as { cameras?: Partial<CameraRevision>[] };
    const { generation, startRequestedAt = null } = file.cameras?.[0] ?? {};
    return generation === undefined ? null : { generation, startRequestedAt };
  } catch {
    return null;
  }
}

/**
 * The ConfigMap for a pod that waits for its replacement: the existing files, except that a changed camera gets its new
 * cameras file. A new MediaMTX configuration could crash the old pod.
 */
export function heldConfigMap(
  owner: CameraOwner,
  revision: CameraRevision,
  desired: ConfigMap,
  live: KubernetesObject | null,
): ConfigMap {
  const { data = {} } = (live ?? {}) as Partial<ConfigMap>;
  const before = live && revisionOf(live);
  const isUnchanged =
    before?.generation === revision.generation && before.startRequestedAt === revision.startRequestedAt;
  const held = isUnchanged ? data : { [configKeys.mediaServer]: data[configKeys.mediaServer] };
  const kept = Object.entries(held).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]]));
  return withAppliedHash({
    ...{ apiVersion: desired.apiVersion, kind: desired.kind, metadata: ownedMeta(owner) },
    data: { ...desired.data, ...(Object.fromEntries(kept) as Record<string, string>) },
  });
}

/** Omits `placement`, which only concerns the cluster. */
function camerasFile(
  id: string,
  { generation, startRequestedAt }: CameraRevision,
  spec: CameraResourceSpec,
): string {
  const { placement: _placement, source, ...rest } = spec;
  const { credentialsSecretRef: _credentials, ...read } = source;
  const start = startRequestedAt === null ? {} : { startRequestedAt };
  const file: z.input<typeof camerasFileSchema> = {
    cameras: [{ id, generation, ...start, source: read, ...rest }],
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function mediaServerFile({ logLevel }: Pick<OperatorSettings, 'logLevel'>): string {
  return mediaServerConfiguration({
    // For the edge and the kubelet's probes.
    host: '0.0.0.0',
    ports: { rtsp: workloadPorts.rtsp, api: mediaServerApiPort, metrics: null },
    authUrl: `http://127.0.0.1:${workloadPorts.http}/mediamtx/auth`,
    // Only this pod's containers reach its loopback.
    controlAccess: 'open',
    // At `info`, each TCP probe logs two lines.
    logLevel: logLevel === 'trace' || logLevel === 'debug' ? 'debug' : logLevel === 'info' ? 'warn' : 'error',
    allowOrigins: [],
    additionalHosts: [],
  });
}
