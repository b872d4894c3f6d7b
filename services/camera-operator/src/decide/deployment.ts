import type { CameraResourceSpec } from '@camplane/contracts/camera-resource';
import type { Toleration } from '@camplane/contracts/camera-placement';
import { workloadName } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { configKeys } from './config-map.ts';
import { cameraServiceContainer, mediaServerContainer, mounts } from './containers.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { labelsOf, ownedMeta, selectorOf, withAppliedHash } from './ownership.ts';
import type { CameraOwner } from './ownership.ts';
import { sourcesOf } from './sources.ts';

export type Deployment = KubernetesObject & {
  spec: { replicas: number; selector: { matchLabels: Record<string, string> }; template: object };
};

/** User and group in the images. */
const userId = 10_001;
/** The group of /dev/video* on Debian and its derivatives. */
const videoGroupId = 44;
/** camera-service exits within 5 s of SIGTERM, MediaMTX right after it. */
const terminationGracePeriodSeconds = 10;

/** `Recreate`, so that two pods never connect to the camera at once. */
export function deploymentOf(
  owner: CameraOwner,
  spec: CameraResourceSpec,
  settings: OperatorSettings,
): Deployment {
  return withAppliedHash({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: ownedMeta(owner),
    spec: {
      replicas: spec.enabled ? 1 : 0,
      revisionHistoryLimit: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selectorOf(owner.id) },
      template: {
        metadata: { labels: labelsOf(owner.id) },
        spec: podSpec(owner, spec, settings),
      },
    },
  });
}

function podSpec({ id }: CameraOwner, spec: CameraResourceSpec, settings: OperatorSettings) {
  const { nodeSelector, tolerations } = spec.placement;
  return {
    terminationGracePeriodSeconds,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      ...{ runAsUser: userId, runAsGroup: userId, fsGroup: userId },
      fsGroupChangePolicy: 'OnRootMismatch',
      ...(sourcesOf(spec).devices.length > 0 ? { supplementalGroups: [videoGroupId] } : {}),
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(settings.imagePullSecrets.length > 0
      ? { imagePullSecrets: settings.imagePullSecrets.map((name) => ({ name })) }
      : {}),
    ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
    ...(tolerations.length > 0 ? { tolerations: tolerations.map(tolerationOf) } : {}),
    // A native sidecar: with restartPolicy Always it starts before camera-service and stops after it.
    initContainers: [mediaServerContainer(settings)],
    containers: [cameraServiceContainer(spec, settings)],
    volumes: volumesOf(id, spec, settings),
  };
}

/** Omits empty fields, as the API server does. */
function tolerationOf({ key, operator, value, effect, tolerationSeconds }: Toleration) {
  return {
    operator,
    ...(key === '' ? {} : { key }),
    ...(value === '' ? {} : { value }),
    ...(effect === undefined ? {} : { effect }),
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  };
}

function volumesOf(id: string, spec: CameraResourceSpec, settings: OperatorSettings) {
  const secret = spec.source.credentialsSecretRef;
  const usesFiles = sourcesOf(spec).usesFiles && settings.mediaClaim !== null;
  const file = (key: string) => ({ name: workloadName(id), items: [{ key, path: key }] });
  return [
    { name: mounts.cameras.name, configMap: file(configKeys.cameras) },
    // A separate volume: MediaMTX would reload on a change of the cameras file beside its own.
    { name: mounts.mediaServer.name, configMap: file(configKeys.mediaServer) },
    { name: mounts.data.name, emptyDir: { sizeLimit: '512Mi' } },
    { name: mounts.temporary.name, emptyDir: { sizeLimit: '256Mi' } },
    ...(secret
      ? [
          {
            name: mounts.credentials.name,
            secret: {
              secretName: secret.name,
              items: ['username', 'password'].map((key) => ({ key, path: key })),
              // The pod runs without the Secret and gets it later; meanwhile the status reports it as missing.
              optional: true,
              defaultMode: 0o440,
            },
          },
        ]
      : []),
    ...(settings.kafka?.secret
      ? [{ name: mounts.kafka.name, secret: { secretName: settings.kafka.secret, defaultMode: 0o440 } }]
      : []),
    ...(usesFiles
      ? [
          {
            name: mounts.media.name,
            persistentVolumeClaim: { claimName: settings.mediaClaim, readOnly: true },
          },
        ]
      : []),
  ];
}
