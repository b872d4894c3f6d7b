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
