import { cameraResourceSpecSchema } from '@camplane/contracts/camera-resource';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { CameraPhase } from '@camplane/contracts/camera-status';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { CameraWorld } from '../../world.ts';
import type { OperatorSettings } from '../operator-settings.ts';
import { labelsOf } from '../ownership.ts';
import type { Pod } from '../pod.ts';

export const cameraId = 'front-door';
export const nowMs = Date.parse('2026-11-21T12:00:00Z');

export const settings: OperatorSettings = {
  images: {
    cameraService: 'camplane/camera-service:0.1.0',
    mediaMtx: 'docker.io/bluenviron/mediamtx:1.20.1',
  },
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: [],
  kafkaBrokers: 'camplane-kafka:9092',
  maxFps: 20,
  cameraNetworks: null,
  ffmpegLimits: {},
  addresses: {
    rtsp: 'rtsp://127.0.0.1:8554',
    hls: 'http://127.0.0.1:8888',
    webrtc: 'http://127.0.0.1:8889',
  },
  videoDeviceResource: null,
  mediaClaim: null,
  mediaSecret: null,
  logLevel: 'info',
};

/** A `Camera` as the API server returns it, with defaults. */
export function cameraObject(
  spec: object = { source: { url: 'rtsp://192.0.2.10/stream1' } },
  rest: {
    status?: unknown;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
  } = {},
): KubernetesObject & { spec: unknown; status?: unknown } {
  const { status, generation = 1, ...meta } = rest;
  return {
    apiVersion: 'camplane.dev/v1alpha1',
    kind: 'Camera',
    metadata: { name: cameraId, namespace: 'default', uid: 'camera-uid', generation, ...meta },
    spec: cameraResourceSpecSchema.parse(spec),
    ...(status === undefined ? {} : { status }),
  };
}

export function worldOf(parts: Partial<CameraWorld> = {}): CameraWorld {
  return {
    ...{ namespace: 'default', name: cameraId, camera: cameraObject() },
    ...{ deployment: null, service: null, configMap: null, pods: [], secret: null, report: null },
    ...{ viewers: null, rejection: null, mayReplace: false, nowMs },
    ...parts,
  };
}

export function podObject(status: Pod['status'] = {}, meta: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name: 'camera-front-door-abc', namespace: 'default', uid: 'pod-uid' },
      ...{ creationTimestamp: '2026-11-21T11:59:00Z', labels: labelsOf(cameraId) },
      ...meta,
    },
    spec: { nodeName: 'node-a' },
    status: { startTime: '2026-11-21T11:59:00Z', ...status },
  };
}

export const running: Pod['status'] & object = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: [{ name: 'camera-service', state: { running: { startedAt: '2026-11-21T11:59:05Z' } } }],
  initContainerStatuses: [{ name: 'mediamtx', state: { running: { startedAt: '2026-11-21T11:59:02Z' } } }],
};

export function reportOf(
  phase: CameraPhase,
  parts: Partial<CameraStatus> = {},
): NonNullable<CameraWorld['report']> {
  const isRunning = phase === 'RUNNING';
  const isReady = isRunning || phase === 'IDLE';
  const reason = isRunning ? 'FramesFlowing' : phase === 'IDLE' ? 'NoViewers' : 'ConnectionRefused';
  const message = isReady ? 'Video is live.' : 'The camera refused the connection.';
  const at = '2026-11-21T11:59:10.123Z';
  const condition = { reason, message, lastTransitionTime: at, observedGeneration: 1 };
  const addresses = { rtsp: 'rtsp://x', hls: 'http://x', webrtc: 'http://x' };
  return {
    podUid: 'pod-uid',
    status: {
      ...{ cameraId, phase, reason, message, isRunning, uptimeSeconds: 50, restarts: 0 },
      ...{ viewerCount: 0, peerConnectionCount: 0, streamType: null, nextAttemptTime: null },
      lastFrameTime: isRunning ? '2026-11-21T11:59:59.900Z' : null,
      lastHeartbeat: '2026-11-21T11:59:59.950Z',
      video: isRunning ? { codec: 'h264', width: 1280, height: 720, fps: 24.977 } : null,
      conditions: [
        { type: 'Ready', status: isReady ? 'True' : 'False', ...condition },
        { type: 'Connected', status: isRunning ? 'True' : 'False', ...condition },
        { type: 'FramesFlowing', status: isRunning ? 'True' : 'False', ...condition },
        { type: 'BrowserPlayable', status: 'True', ...condition, reason: 'CodecPlayable' },
      ],
      endpoints: { ...addresses, sub: null },
      ...parts,
    },
  };
}
