import { cameraResourceSpecSchema } from '@camplane/contracts/camera-resource';
import type { CameraResourceSpec } from '@camplane/contracts/camera-resource';
import { videoModeSchema } from '@camplane/contracts/camera';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { deploymentOf } from './deployment.ts';
import type { Deployment } from './deployment.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { hashOf } from './ownership.ts';

/**
 * Annotations of a camera's Deployment by which a change of the installation (the operator's settings, or its own
 * version) is told from one of the camera. Not of the pod's template: there they would replace the pod themselves.
 */
export const rolloutAnnotations = {
  /** What the installation put into the pod's template: see {@link installationOf}. */
  installation: 'camplane.dev/installation',
  /** What the camera's own spec put into it: see {@link ownPartOf}. */
  ownPart: 'camplane.dev/own-part',
  /** A change of the installation replaced a pod that was ready, in the camera's turn: that pod's uid. */
  staged: 'camplane.dev/staged',
} as const;

const installations = new WeakMap<OperatorSettings, string>();

/** A hash that is another one when these settings, or this version, make another pod of any camera. */
export function installationOf(settings: OperatorSettings): string {
  const known = installations.get(settings);
  if (known !== undefined) return known;
  const templates = videoModeSchema.options.map((mode) => {
    const spec = cameraResourceSpecSchema.parse({ ...sample, video: { mode } });
    return deploymentOf(nobody, spec, settings).spec.template;
  });
  const installation = hashOf(templates);
  installations.set(settings, installation);
  return installation;
}

/** A hash of what the spec alone says of the Deployment: made with settings that are always the same. */
export function ownPartOf(spec: CameraResourceSpec): string {
  const { replicas, template } = deploymentOf(nobody, spec, neutral).spec;
  return hashOf([replicas, template]);
}

/** The Deployment with what it was made of written on it. */
export function marked(
  deployment: Deployment,
  by: { spec: CameraResourceSpec; settings: OperatorSettings; stagedPod: string | null },
): Deployment {
  const annotations = {
    ...deployment.metadata.annotations,
    [rolloutAnnotations.installation]: installationOf(by.settings),
    [rolloutAnnotations.ownPart]: ownPartOf(by.spec),
    ...(by.stagedPod === null ? {} : { [rolloutAnnotations.staged]: by.stagedPod }),
  };
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
}

export function isOfInstallation(deployment: KubernetesObject, installation: string): boolean {
  return deployment.metadata.annotations?.[rolloutAnnotations.installation] === installation;
}

/** The uid of the pod that was ended in the camera's turn; null: there was none. */
export function stagedPodOf(deployment: KubernetesObject): string | null {
  return deployment.metadata.annotations?.[rolloutAnnotations.staged] ?? null;
}

const nobody = { id: 'camera', uid: 'uid', namespace: 'namespace' };

/** It touches every setting: a device, a file, a login. */
const sample = {
  source: { url: 'v4l2:/dev/video0', subUrl: 'file:yard.mp4', credentialsSecretRef: { name: 'login' } },
};

const neutral: OperatorSettings = {
  images: { cameraService: 'camera-service', mediaMtx: 'mediamtx' },
  ...{ imagePullPolicy: 'IfNotPresent', imagePullSecrets: [], kafkaBrokers: null, maxFps: 1 },
  addresses: { rtsp: '', hls: '', webrtc: '' },
  ...{ videoDeviceResource: 'camplane.dev/{device}', mediaClaim: 'media', logLevel: 'info' },
};
