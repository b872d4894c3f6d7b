import type { CameraResourceSpec } from '@camplane/contracts/camera-resource';
import type { camerasFileSchema } from '@camplane/contracts/cameras-file';
import { workloadPorts } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { mediaServerConfiguration } from '@camplane/mediamtx/configuration';
import type { z } from 'zod';
import { ownedMeta, stamped } from './ownership.ts';
import type { CameraOwner } from './ownership.ts';
import type { OperatorSettings } from './operator-settings.ts';
import type { CameraRead } from './read-camera.ts';

export type ConfigMap = KubernetesObject & { data: Record<string, string> };

export const configKeys = { cameras: 'cameras.json', mediaServer: 'mediamtx.yml' } as const;

/** MediaMTX's own, on the pod's loopback; nobody else asks there. */
const mediaServerApiPort = 9997;

type Asked = Pick<CameraRead, 'generation' | 'startRequestedAt'>;

/** What the camera's pod is to do, as files. Credentials are no part of it: they are mounted from their Secret. */
export function configMapOf(
  owner: CameraOwner,
  asked: Asked,
  spec: CameraResourceSpec,
  settings: Pick<OperatorSettings, 'logLevel'>,
): ConfigMap {
  return stamped({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: ownedMeta(owner),
    data: {
      [configKeys.cameras]: camerasFile(owner.id, asked, spec),
      [configKeys.mediaServer]: mediaServerFile(settings),
    },
  });
}

/** Of the file that is there, of which generation it was written and when a start was asked for; null: it is none. */
export function askedOf(configMap: KubernetesObject): Asked | null {
  const { data } = configMap as Partial<ConfigMap>;
  try {
    const file = JSON.parse(data?.[configKeys.cameras] ?? '') as { cameras?: Partial<Asked>[] };
    const { generation, startRequestedAt = null } = file.cameras?.[0] ?? {};
    return generation === undefined ? null : { generation, startRequestedAt };
  } catch {
    return null;
  }
}

/**
 * What a pod that waits for its replacement is to do: what it does, in the words of the version that made it, but
 * for what somebody has asked of the camera since. A new file that its MediaMTX cannot read would end it now.
 */
export function heldConfigMap(
  owner: CameraOwner,
  asked: Asked,
  wanted: ConfigMap,
  there: KubernetesObject | null,
): ConfigMap {
  const { data = {} } = (there ?? {}) as Partial<ConfigMap>;
  const before = there && askedOf(there);
  const isAsked =
    before?.generation === asked.generation && before.startRequestedAt === asked.startRequestedAt;
  const held = isAsked ? data : { [configKeys.mediaServer]: data[configKeys.mediaServer] };
  const kept = Object.entries(held).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]]));
  return stamped({
    ...{ apiVersion: wanted.apiVersion, kind: wanted.kind, metadata: ownedMeta(owner) },
    data: { ...wanted.data, ...(Object.fromEntries(kept) as Record<string, string>) },
  });
}

/** `placement` is the cluster's business. */
function camerasFile(id: string, { generation, startRequestedAt }: Asked, spec: CameraResourceSpec): string {
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
    // The edge and the cluster's probes come from outside the pod.
    host: '0.0.0.0',
    ports: { rtsp: workloadPorts.rtsp, api: mediaServerApiPort, metrics: null },
    authUrl: `http://127.0.0.1:${workloadPorts.http}/mediamtx/auth`,
    // Nobody but the containers of this pod reaches its loopback.
    controlAccess: 'open',
    // At `info` each probe of its port is two lines.
    logLevel: logLevel === 'trace' || logLevel === 'debug' ? 'debug' : logLevel === 'info' ? 'warn' : 'error',
    allowOrigins: [],
    additionalHosts: [],
  });
}
