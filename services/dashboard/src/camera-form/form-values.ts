import type { DetectorName, Point, VideoMode } from '@camplane/contracts/camera';
import { createCameraSchema, replaceCameraSchema } from '@camplane/contracts/camera-http';
import type { Camera } from '@camplane/contracts/camera-http';
import { fieldsOf } from '@camplane/contracts/problem';
import type { FieldError } from '@camplane/api-client/api-error';
import type { CameraBody, CreateCameraBody, ProbeBody } from '../api/cameras.ts';

export type Mask = { name: string; points: readonly Point[] };

/** What the form holds while it is edited. Numbers are kept as they are typed. */
export type FormValues = {
  id: string;
  displayName: string;
  description: string;
  enabled: boolean;
  url: string;
  subUrl: string;
  transport: 'tcp' | 'udp';
  /** `keep`: what is stored stays, unseen; `remove`: it is forgotten; `set`: what is typed replaces it. */
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
/** The first error of each field, and those that belong to none. */
export type FormErrors = { fields: Partial<Record<FieldName, string>>; other: string[] };

export const noErrors: FormErrors = { fields: {}, other: [] };

export const newCameraValues: FormValues = {
  id: '',
  displayName: '',
  description: '',
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

/** The body that saves the form. What the form does not show (zones, picture quality, …) stays as `camera` has it. */
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
    ...(camera ? { homekit: camera.homekit } : {}),
  };
}

export function createBodyOf(values: FormValues): CreateCameraBody {
  return { ...bodyOf(values, null), id: values.id };
}

/** What a probe of the main or the sub stream sends. `cameraId` lets the server use the login it has stored. */
export function probeBodyOf(
  values: FormValues,
  camera: Camera | null,
  stream: 'main' | 'sub' = 'main',
): ProbeBody {
  const { login, username, password } = values;
  const url = (stream === 'main' ? values.url : values.subUrl).trim();
  const body: ProbeBody = { url, transport: values.transport };
  if (login === 'keep') return camera ? { ...body, cameraId: camera.id } : body;
  return { ...body, credentials: login === 'set' && hasLogin(values) ? { username, password } : null };
}

/** Checks the form with the server's own schema, so that it says the same before and after sending. */
export function checkValues(values: FormValues, camera: Camera | null): FieldError[] {
  const unreadable: FieldError[] = [
    ...(isNumber(values.idleSeconds) ? [] : [{ path: 'lifecycle.idleSeconds', message: 'must be a number' }]),
    ...(isNumber(values.framesFps) ? [] : [{ path: 'frames.fps', message: 'must be a number' }]),
    ...(isNumber(values.minConfidence)
      ? []
      : [{ path: 'detection.minConfidence', message: 'must be a number' }]),
  ];
  const checked = camera
    ? replaceCameraSchema.safeParse(bodyOf(values, camera))
    : createCameraSchema.safeParse(createBodyOf(values));
  return checked.success ? unreadable : [...unreadable, ...fieldsOf(checked.error)];
}

/** Puts the API's field errors where they belong in the form. */
export function formErrorsOf(errors: readonly FieldError[]): FormErrors {
  const fields: Partial<Record<FieldName, string>> = {};
  const other: string[] = [];
  for (const { path, message } of errors) {
    const field = fieldOfPath(path);
    if (field === null) other.push(`${path}: ${message}`);
    else fields[field] ??= wordedFor(field, path, message);
  }
  return { fields, other };
}

/** The form's field for a dotted path of the API's body; null where the form shows none. */
export function fieldOfPath(path: string): FieldName | null {
  const exact = fieldPaths.find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`));
  return exact?.[1] ?? null;
}

const fieldPaths: readonly (readonly [string, FieldName])[] = [
  ['id', 'id'],
  ['displayName', 'displayName'],
  ['description', 'description'],
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

/** Where the server's words are for those who write its bodies by hand, the form has its own. */
function wordedFor(field: FieldName, path: string, message: string): string {
  if (field === 'login') {
    return 'the stored user name and password are never sent to another host: replace or remove them';
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

/** A text that is no number is reported by `checkValues`; the schema then gets something it accepts. */
function numberOf(text: string): number {
  return isNumber(text) ? Number(text) : 1;
}
