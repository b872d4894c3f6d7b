import type { DetectorName, Point, VideoMode } from '@camplane/contracts/camera';
import { createCameraSchema, replaceCameraSchema } from '@camplane/contracts/camera-http';
import type { Camera } from '@camplane/contracts/camera-http';
import { fieldsOf } from '@camplane/contracts/problem';
import type { FieldError } from '@camplane/api-client/api-error';
import { labelError, labelsOf, rowsOf } from './label-rows.ts';
import type { LabelRow } from './label-rows.ts';
import type { CameraBody, CreateCameraBody, ProbeBody } from '../api/cameras.ts';

export type Mask = { name: string; points: readonly Point[] };

/** The form's values. Numbers are kept as typed. */
export type FormValues = {
  id: string;
  displayName: string;
  description: string;
  labels: readonly LabelRow[];
  enabled: boolean;
  url: string;
  subUrl: string;
  transport: 'tcp' | 'udp';
  /** Keeps or removes the stored login, or replaces it with the typed one. */
  login: 'keep' | 'remove' | 'set';
  username: string;
  password: string;
  mode: VideoMode;
  timestamp: boolean;
  boxes: boolean;
  masks: readonly Mask[];
  audio: boolean;
  onDemand: boolean;
  idleSeconds: string;
  framesFps: string;
  frameWidth: string;
  detection: boolean;
  detectors: readonly DetectorName[];
  minConfidence: string;
};

export type FieldName = keyof FormValues;
/** The first error of each field, and errors without a field. */
export type FormErrors = { fields: Partial<Record<FieldName, string>>; other: string[] };

export const noErrors: FormErrors = { fields: {}, other: [] };

export const newCameraValues: FormValues = {
  id: '',
  displayName: '',
  description: '',
  labels: [],
  enabled: true,
  url: '',
  subUrl: '',
  transport: 'tcp',
  login: 'set',
  username: '',
  password: '',
  mode: 'copy',
  timestamp: true,
  boxes: true,
  masks: [],
  audio: false,
  onDemand: false,
  idleSeconds: '30',
  framesFps: '2',
  frameWidth: '640',
  detection: true,
  detectors: ['motion', 'person'],
  minConfidence: '0.5',
};

export function valuesOf(camera: Camera): FormValues {
  return {
    ...newCameraValues,
    id: camera.id,
    displayName: camera.displayName,
    description: camera.description,
    labels: rowsOf(camera.labels),
    enabled: camera.enabled,
    url: camera.source.url,
    subUrl: camera.source.subUrl ?? '',
    transport: camera.source.transport,
    login: camera.source.hasCredentials ? 'keep' : 'set',
    mode: camera.video.mode,
    timestamp: camera.video.overlay.timestamp,
    boxes: camera.video.overlay.boxes,
    masks: camera.video.overlay.privacyMasks,
    audio: camera.audio.enabled,
    onDemand: camera.lifecycle.start === 'OnDemand',
    idleSeconds: String(camera.lifecycle.idleSeconds),
    framesFps: String(camera.frames.fps),
    frameWidth: String(camera.frames.width),
    detection: camera.detection.enabled,
    detectors: camera.detection.detectors,
    minConfidence: String(camera.detection.minConfidence),
  };
}

/** The request body. Settings that the form does not show (zones, frame quality, …) are copied from `camera`. */
export function bodyOf(values: FormValues, camera: Camera | null): CameraBody {
  const { login, username, password } = values;
  const subUrl = values.subUrl.trim();
  const source = {
    url: values.url.trim(),
    subUrl: subUrl === '' ? null : subUrl,
    transport: values.transport,
  };
  const credentials =
    login === 'keep'
      ? {}
      : { credentials: login === 'set' && hasLogin(values) ? { username, password } : null };
  return {
    displayName: values.displayName.trim(),
    description: values.description.trim(),
    ...changedLabels(values, camera),
    enabled: values.enabled,
    source: { ...source, ...credentials },
    video: {
      mode: values.mode,
      overlay: {
        ...camera?.video.overlay,
        timestamp: values.timestamp,
        boxes: values.boxes,
        privacyMasks: values.masks.map(({ name, points }) => ({
          name,
          points: points.map(({ x, y }) => ({ x, y })),
        })),
      },
    },
    audio: { enabled: values.audio },
    lifecycle: { start: values.onDemand ? 'OnDemand' : 'Always', idleSeconds: numberOf(values.idleSeconds) },
    frames: { ...camera?.frames, fps: numberOf(values.framesFps), width: Number(values.frameWidth) },
    detection: {
      ...camera?.detection,
      enabled: values.detection,
      detectors: [...values.detectors],
      minConfidence: numberOf(values.minConfidence),
    },
  };
}

/** Unchanged labels are not sent: in a cluster they belong to the resource. */
function changedLabels({ labels }: FormValues, camera: Camera | null): Pick<CameraBody, 'labels'> {
  const next = labelsOf(labels);
  const before = camera?.labels ?? {};
  const names = new Set([...Object.keys(next), ...Object.keys(before)]);
  return [...names].some((name) => next[name] !== before[name]) ? { labels: next } : {};
}

export function createBodyOf(values: FormValues): CreateCameraBody {
  return { ...bodyOf(values, null), id: values.id };
}

/** The body of a probe. With `cameraId` the server uses the stored login. */
export function probeBodyOf(
  values: FormValues,
  camera: Camera | null,
  stream: 'main' | 'sub' = 'main',
): ProbeBody {
  const { login, username, password } = values;
  const url = (stream === 'main' ? values.url : values.subUrl).trim();
  const { transport, mode, audio } = values;
  const body: ProbeBody = { url, transport, mode, audio };
  if (login === 'keep') return camera ? { ...body, cameraId: camera.id } : body;
  return { ...body, credentials: login === 'set' && hasLogin(values) ? { username, password } : null };
}

/** Validates with the server's schema, so that errors are the same before and after sending. */
export function checkValues(values: FormValues, camera: Camera | null): FieldError[] {
  const ofLabels = labelError(values.labels);
  const found: FieldError[] = [
    ...(ofLabels === null ? [] : [{ path: 'labels', message: ofLabels }]),
    ...(isNumber(values.idleSeconds) ? [] : [{ path: 'lifecycle.idleSeconds', message: 'must be a number' }]),
    ...(isNumber(values.framesFps) ? [] : [{ path: 'frames.fps', message: 'must be a number' }]),
    ...(isNumber(values.minConfidence)
      ? []
      : [{ path: 'detection.minConfidence', message: 'must be a number' }]),
  ];
  const checked = camera
    ? replaceCameraSchema.safeParse(bodyOf(values, camera))
    : createCameraSchema.safeParse(createBodyOf(values));
  if (checked.success) return found;
  // `labelError` has reported labels already.
  return [...found, ...fieldsOf(checked.error).filter(({ path }) => fieldOfPath(path) !== 'labels')];
}

/** Assigns the API's field errors to the form's fields. */
export function formErrorsOf(errors: readonly FieldError[]): FormErrors {
  const fields: Partial<Record<FieldName, string>> = {};
  const other: string[] = [];
  for (const { path, message } of errors) {
    const field = fieldOfPath(path);
    if (field === null) other.push(`${path}: ${message}`);
    else fields[field] ??= messageFor(field, path, message);
  }
  return { fields, other };
}

/** The form field for a dotted path in the API's body; null if the form has none. */
export function fieldOfPath(path: string): FieldName | null {
  const exact = fieldPaths.find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`));
  return exact?.[1] ?? null;
}

const fieldPaths: readonly (readonly [string, FieldName])[] = [
  ['id', 'id'],
  ['displayName', 'displayName'],
  ['description', 'description'],
  ['labels', 'labels'],
  ['enabled', 'enabled'],
  ['url', 'url'],
  ['transport', 'transport'],
  ['credentials.username', 'username'],
  ['credentials.password', 'password'],
  ['credentials', 'login'],
  ['source.url', 'url'],
  ['source.subUrl', 'subUrl'],
  ['source.transport', 'transport'],
  ['source.credentials.username', 'username'],
  ['source.credentials.password', 'password'],
  ['source.credentials', 'login'],
  ['video.mode', 'mode'],
  ['video.overlay.timestamp', 'timestamp'],
  ['video.overlay.boxes', 'boxes'],
  ['video.overlay.privacyMasks', 'masks'],
  ['audio', 'audio'],
  ['lifecycle.start', 'onDemand'],
  ['lifecycle.idleSeconds', 'idleSeconds'],
  ['frames.fps', 'framesFps'],
  ['frames.width', 'frameWidth'],
  ['detection.enabled', 'detection'],
  ['detection.detectors', 'detectors'],
  ['detection.minConfidence', 'minConfidence'],
];

/** Replaces messages that are written for API users. */
function messageFor(field: FieldName, path: string, message: string): string {
  if (field === 'login') {
    return 'the stored login is not sent to another host: replace or remove it';
  }
  return field === 'masks' ? maskMessage(path, message) : message;
}

function maskMessage(path: string, message: string): string {
  const index = /privacyMasks\.(\d+)/.exec(path)?.[1];
  return index === undefined ? message : `mask ${Number(index) + 1} ${message}`;
}

function hasLogin({ username, password }: FormValues): boolean {
  return username !== '' || password !== '';
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

/** Invalid numbers are reported by `checkValues`; the schema gets a valid substitute. */
function numberOf(text: string): number {
  return isNumber(text) ? Number(text) : 1;
}
