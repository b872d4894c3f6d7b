import { cameraResourceSpecSchema } from '@camplane/contracts/camera-resource';
import type { CameraResourceSpec } from '@camplane/contracts/camera-resource';
import { videoModeSchema } from '@camplane/contracts/camera';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { deploymentOf } from './deployment.ts';
import type { Deployment } from './deployment.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { hashOf } from './ownership.ts';

/**
 * Annotations of a camera's Deployment that distinguish a change of the installation (the operator's settings or
 * version) from a change of the camera. They are not in the pod template, where they would replace the pod.
 */
export const rolloutAnnotations = {
  /** See {@link installationHashOf}. */
  installation: 'camplane.dev/installation',
  /** See {@link specHashOf}. */
  specHash: 'camplane.dev/own-part',
  /** The uid of a ready pod that a staged change of the installation replaced. */
  staged: 'camplane.dev/staged',
} as const;

const installationHashes = new WeakMap<OperatorSettings, string>();

/** Changes if these settings or this version produce another pod template for any camera. */
export function installationHashOf(settings: OperatorSettings): string {
  const known = installationHashes.get(settings);
  if (known !== undefined) return known;
  const templates = videoModeSchema.options.map((mode) => {
    const spec = cameraResourceSpecSchema.parse({ ...sample, video: { mode } });
    return deploymentOf(placeholderOwner, spec, settings).spec.template;
  });
  const hash = hashOf(templates);
  installationHashes.set(settings, hash);
  return hash;
}

/** A hash of what the camera's spec contributes to the Deployment, computed with fixed settings. */
export function specHashOf(spec: CameraResourceSpec): string {
  const { replicas, template } = deploymentOf(placeholderOwner, spec, fixedSettings).spec;
  return hashOf([replicas, template]);
}

export function withRolloutAnnotations(
  deployment: Deployment,
  by: { spec: CameraResourceSpec; settings: OperatorSettings; stagedPod: string | null },
): Deployment {
  const annotations = {
    ...deployment.metadata.annotations,
    [rolloutAnnotations.installation]: installationHashOf(by.settings),
    [rolloutAnnotations.specHash]: specHashOf(by.spec),
    ...(by.stagedPod === null ? {} : { [rolloutAnnotations.staged]: by.stagedPod }),
  };
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
}

export function hasInstallation(deployment: KubernetesObject, installation: string): boolean {
  return deployment.metadata.annotations?.[rolloutAnnotations.installation] === installation;
}

/** The uid of the pod that a staged change replaced; null: none. */
export function stagedPodOf(deployment: KubernetesObject): string | null {
  return deployment.metadata.annotations?.[rolloutAnnotations.staged] ?? null;
}

const placeholderOwner = { id: 'camera', uid: 'uid', namespace: 'namespace' };

/** Depends on every setting: device, file and login. */
const sample = {
  source: { url: 'v4l2:/dev/video0', subUrl: 'file:yard.mp4', credentialsSecretRef: { name: 'login' } },
};

const fixedSettings: OperatorSettings = {
  images: { cameraService: 'camera-service', mediaMtx: 'mediamtx' },
  ...{ imagePullPolicy: 'IfNotPresent', imagePullSecrets: [], kafkaBrokers: null, maxFps: 1 },
  cameraNetworks: null,
  ffmpegLimits: {},
  addresses: { rtsp: '', hls: '', webrtc: '' },
  ...{
    videoDeviceResource: 'camplane.dev/{device}',
    mediaClaim: 'media',
    mediaSecret: null,
    logLevel: 'info',
  },
};
