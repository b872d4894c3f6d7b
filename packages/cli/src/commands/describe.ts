import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { ageOf } from '../age.ts';
import { videoText } from '../camera-view.ts';
import type { CameraView } from '../camera-view.ts';
import type { Command, CommandContext } from '../command.ts';
import { byTime, isAbout, eventCells, eventHeaders, eventView } from '../event-view.ts';
import type { EventView } from '../event-view.ts';
import { permissionOf } from '../explain-error.ts';
import { findCamera } from '../find-camera.ts';
import { plain, tableLines } from '../output.ts';
import type { Output } from '../output.ts';
import { podsOf } from '../pod-view.ts';
import type { PodView } from '../pod-view.ts';
import { cameraJson } from './list.ts';

const eventsShown = 10;

export const describeCommand: Command = {
  name: 'describe',
  usage: 'describe ID',
  summary: 'Show one camera: status, conditions, pod and events',
  details: [],
  options: {},
  positionals: { min: 1, max: 1 },
  json: true,
  run: async (context) => {
    const { cluster, positionals, output, format, now, signal } = context;
    const id = positionals[0] ?? '';
    const camera = await findCamera(cluster, id, signal);
    // Users who may read cameras may lack other permissions: note what is omitted.
    const pods = await unlessForbidden(context, podsOf(cluster, id, signal));
    const events = await unlessForbidden(context, eventsOf(context, id));
    if (format === 'json') {
      const { conditions = [], endpoints = null, lastFrameTime = null } = camera.status;
      const { source } = camera;
      output.line(
        JSON.stringify(
          { ...cameraJson(camera), source, conditions, endpoints, lastFrameTime, pods, events },
          null,
          2,
        ),
      );
      return 0;
    }
    printCamera(output, camera, now());
    printConditions(output, camera, now());
    if (pods) printPods(output, pods, camera, now());
    if (events && events.length > 0) printEvents(output, events, now());
    return 0;
  },
};

async function eventsOf({ cluster, signal }: CommandContext, id: string): Promise<EventView[]> {
  const { items } = await cluster.api.list(resourceTypes.event, { namespace: cluster.namespace }, signal);
  return items
    .flatMap((item) => eventView(item) ?? [])
    .filter((event) => isAbout(event, id))
    .sort(byTime)
    .slice(-eventsShown);
}

async function unlessForbidden<T>({ note }: CommandContext, request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof KubernetesError && error.kind === 'forbidden')) throw error;
    note(`(omitted, missing permission: ${permissionOf(error.message) ?? error.message})`);
    return undefined;
  }
}

function printCamera(output: Output, camera: CameraView, nowMs: number): void {
  const { status, source, ready } = camera;
  output.line(
    output.tone('heading', camera.name) + (camera.displayName === '' ? '' : `  ${plain(camera.displayName)}`),
  );
  if (camera.description !== '') output.line(`  ${plain(camera.description)}`);
  const state = camera.isTerminating ? 'Terminating' : (status.phase ?? 'unknown');
  const rows: [string, string][] = [
    ['Phase', ready.word === 'yes' || ready.message === '' ? state : `${state}: ${plain(ready.message)}`],
    ['Source', `${source.url}${/^rtsp/.test(source.url) ? ` over ${source.transport}` : ''}`],
    ['Sub stream', source.subUrl ?? ''],
    ['Login', source.secretName === null ? '' : `Secret ${source.secretName}`],
    ['Mode', `${camera.mode}${camera.start === 'OnDemand' ? ', on demand' : ''}`],
    ['Video', videoText(status)],
    ['Last frame', agoOf(status.lastFrameTime, nowMs)],
    ['Viewers', status.viewers === undefined ? '' : String(status.viewers)],
    ['Restarts', status.restarts === undefined ? '' : String(status.restarts)],
    ['Node', status.node ?? ''],
    ['Created', agoOf(camera.createdAt, nowMs)],
    ['RTSP', status.endpoints?.rtsp ?? ''],
    ['HLS', status.endpoints?.hls ?? ''],
    ['WebRTC', status.endpoints?.webrtc ?? ''],
  ];
  const shown = rows.filter(([, value]) => value !== '');
  for (const [name, value] of shown) output.line(`  ${name.padEnd(10)}  ${value}`);
}

function printConditions(output: Output, camera: CameraView, nowMs: number): void {
  const conditions = camera.status.conditions ?? [];
  if (conditions.length === 0) return;
  const rows = conditions.map(({ type, status, reason, message, lastTransitionTime }) => [
    type,
    status,
    ageOf(lastTransitionTime, nowMs),
    reason,
    plain(message),
  ]);
  section(output, 'Conditions', tableLines(['TYPE', 'STATUS', 'SINCE', 'REASON', 'MESSAGE'], rows));
}

function printPods(output: Output, pods: PodView[], camera: CameraView, nowMs: number): void {
  if (pods.length === 0) {
    section(output, 'Pod', [camera.enabled ? 'No pod.' : 'No pod: the camera is disabled (spec.enabled).']);
    return;
  }
  const rows = pods.map((pod) => [
    pod.name,
    `${pod.ready}/${pod.containers.length}`,
    pod.isTerminating ? 'Terminating' : pod.trouble || pod.phase,
    String(pod.restarts),
    pod.node,
    ageOf(pod.createdAt, nowMs),
  ]);
  section(output, 'Pod', tableLines(['NAME', 'READY', 'STATE', 'RESTARTS', 'NODE', 'AGE'], rows));
}

function printEvents(output: Output, events: EventView[], nowMs: number): void {
  const lines = tableLines(
    eventHeaders,
    events.map((event) => eventCells(event, nowMs)),
  );
  section(output, 'Events', lines);
}

function section(output: Output, title: string, lines: string[]): void {
  output.line();
  output.line(output.tone('heading', title));
  for (const line of lines) output.line(`  ${line}`);
}

function agoOf(time: string | undefined, nowMs: number): string {
  const age = ageOf(time, nowMs);
  return age === '' ? '' : `${age} ago`;
}
