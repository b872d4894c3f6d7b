import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath, operations } from '@camplane/contracts/operations';
import { problemSchema } from '@camplane/contracts/problem';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runApi } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

/** A wrong request, and the status, code and part of the text that answer it. */
type WrongInput = {
  request: string;
  body?: unknown;
  headers?: Record<string, string>;
  answer: [status: number, code: string, text: string];
};

const rtspUrl = 'rtsp://192.0.2.10/a';
const stream = operationPath('readStream', { id: 'a' });
const absentStream = operationPath('readStream', { id: 'absent' });
const notFound: WrongInput['answer'] = [404, 'camera-not-found', "'absent' does not exist"];
const asText = { 'content-type': 'text/plain' };

const streamInput: WrongInput[] = [
  {
    request: `GET ${operations.listStreams.path}?x=1`,
    answer: [400, 'invalid-query', 'no query parameters'],
  },
  { request: `POST ${operations.listStreams.path}`, answer: [400, 'invalid-body', 'is missing'] },
  {
    request: `POST ${operations.listStreams.path}`,
    body: '{"id":',
    answer: [400, 'malformed-json', 'not JSON'],
  },
  {
    request: `POST ${operations.listStreams.path}`,
    body: { id: 'b', rtspUrl },
    headers: asText,
    answer: [415, 'unsupported-media-type', 'application/json'],
  },
  {
    request: `POST ${operations.listStreams.path}`,
    body: { id: 'b', rtspUrl: 'rtsp://viewer:canary@192.0.2.10/a' },
    answer: [400, 'invalid-body', 'rtspUrl: must not contain a user or password: give them as credentials'],
  },
  {
    request: `POST ${operations.listStreams.path}`,
    body: { id: 'b', rtspUrl, fps: 31 },
    answer: [400, 'invalid-body', 'fps: must be between 1 and 30'],
  },
  {
    request: `POST ${operations.listStreams.path}`,
    body: { id: 'health', rtspUrl },
    answer: [400, 'invalid-body', 'choose another id'],
  },
  {
    request: `POST ${operations.listStreams.path}`,
    body: { id: 'a', rtspUrl },
    answer: [409, 'camera-exists', 'choose another id'],
  },
  {
    request: `PUT ${operations.listStreams.path}`,
    body: {},
    answer: [405, 'method-not-allowed', 'GET, POST'],
  },
  { request: `POST ${operations.listStreamHealth.path}`, answer: [405, 'method-not-allowed', 'GET'] },
  { request: `GET ${absentStream}`, answer: notFound },
  { request: `GET ${operations.listStreams.path}/Not_An_Id`, answer: [404, 'camera-not-found', 'Not_An_Id'] },
  { request: `PATCH ${absentStream}`, body: { name: 'x' }, answer: notFound },
  {
    request: `PATCH ${stream}`,
    body: { fps: 0 },
    answer: [400, 'invalid-body', 'fps: must be between 1 and 30'],
  },
  { request: `PATCH ${stream}`, body: { status: 'RUNNING' }, answer: [400, 'invalid-body', 'status'] },
  { request: `PATCH ${stream}`, body: { name: null }, answer: [400, 'invalid-body', 'name'] },
  { request: `PATCH ${stream}`, body: [], answer: [400, 'invalid-body', '(body)'] },
  {
    request: `PATCH ${stream}`,
    body: { name: 'x' },
    headers: { 'content-type': 'application/json-patch+json' },
    answer: [415, 'unsupported-media-type', 'application/merge-patch+json'],
  },
  { request: `PUT ${stream}`, body: {}, answer: [405, 'method-not-allowed', 'GET, PATCH, DELETE'] },
  { request: `DELETE ${absentStream}`, answer: notFound },
  { request: `POST ${absentStream}/start`, answer: notFound },
  { request: `POST ${stream}/start`, body: { force: true }, answer: [400, 'invalid-body', 'force'] },
  { request: `POST ${absentStream}/stop`, answer: notFound },
  { request: `GET ${stream}/stop`, answer: [405, 'method-not-allowed', 'POST'] },
];

const detectionsOf = operationPath('listStreamDetections', { id: 'a' });
const screenshots = operations.readScreenshot.path.replace('{id}', 'a').replace('{filename}', '');
const notKept: WrongInput['answer'] = [404, 'picture-not-kept', 'older than the retention'];

const detectionInput: WrongInput[] = [
  { request: `GET ${operationPath('listStreamDetections', { id: 'absent' })}`, answer: notFound },
  { request: `GET ${detectionsOf}?limit=0`, answer: [400, 'invalid-query', 'limit'] },
  { request: `GET ${detectionsOf}?cameraId=b`, answer: [400, 'invalid-query', 'cameraId'] },
  { request: `GET ${detectionsOf}?cursor=%2e`, answer: [400, 'invalid-query', 'nextCursor'] },
  { request: `POST ${detectionsOf}`, answer: [405, 'method-not-allowed', 'GET'] },
  {
    request: `GET ${operationPath('readScreenshot', { id: 'absent', filename: 'x.jpg' })}`,
    answer: notFound,
  },
  { request: `GET ${screenshots}2026-11-21-133651.123-42.jpg`, answer: notKept },
  { request: `GET ${screenshots}..%2f..%2f..%2fetc%2fpasswd`, answer: notKept },
  { request: `GET ${screenshots}%2e%2e%2fb%2f2026-11-21%2f133651.123-42.jpg`, answer: notKept },
  { request: `GET ${screenshots}a%00.jpg`, answer: notKept },
  { request: `GET ${screenshots}%`, answer: [400, 'invalid-query', 'percent-encoding'] },
  {
    request: `DELETE ${screenshots}2026-11-21-133651.123-42.jpg`,
    answer: [405, 'method-not-allowed', 'GET'],
  },
];

const camera = operationPath('readCamera', { id: 'a' });
const merge = { 'content-type': 'application/merge-patch+json' };

const manyLabels = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`label-${index}`, '']));

const cameraInput: WrongInput[] = [
  {
    request: `POST ${operations.listCameras.path}`,
    body: { id: 'b', source: { url: rtspUrl }, labels: manyLabels },
    answer: [400, 'invalid-body', 'at most 32 labels'],
  },
  { request: `PATCH ${operationPath('readCamera', { id: 'absent' })}`, body: {}, answer: notFound },
  { request: `PATCH ${camera}`, answer: [400, 'invalid-body', 'is missing'] },
  { request: `PATCH ${camera}`, body: '[', headers: merge, answer: [400, 'malformed-json', 'not JSON'] },
  { request: `PATCH ${camera}`, body: [], answer: [400, 'invalid-body', '(body)'] },
  {
    request: `PATCH ${camera}`,
    body: { id: 'b' },
    answer: [400, 'invalid-body', 'id: is not a known field'],
  },
  {
    request: `PATCH ${camera}`,
    body: { source: { url: null } },
    answer: [400, 'invalid-body', 'source.url'],
  },
  { request: `PATCH ${camera}`, body: { frames: { fps: 99 } }, answer: [400, 'invalid-body', 'frames.fps'] },
  { request: `PATCH ${camera}`, body: { frames: 5 }, answer: [400, 'invalid-body', 'frames'] },
  {
    request: `PATCH ${camera}`,
    body: { source: { credentials: { password: 'canary' } } },
    answer: [400, 'invalid-body', 'source.credentials.username'],
  },
  {
    request: `PATCH ${camera}`,
    body: { source: { url: 'rtsp://viewer:canary@192.0.2.10/a' } },
    answer: [400, 'invalid-body', 'must not contain a user or password'],
  },
  {
    request: `PATCH ${camera}`,
    body: [{ op: 'remove', path: '/labels' }],
    headers: { 'content-type': 'application/json-patch+json' },
    answer: [415, 'unsupported-media-type', 'application/merge-patch+json or application/json'],
  },
  ...['"old"', 'W/"old"', 'old', ''].map((tag): WrongInput => ({
    request: `PATCH ${camera}`,
    body: { displayName: 'x' },
    headers: { 'if-match': tag },
    answer: [412, 'precondition-failed', 'get it again'],
  })),
  {
    request: `DELETE ${camera}`,
    headers: { 'if-match': '"old"' },
    answer: [412, 'precondition-failed', 'ETag'],
  },
  { request: `POST ${camera}`, body: {}, answer: [405, 'method-not-allowed', 'GET, PUT, PATCH, DELETE'] },
];

const offer = operationPath('offerWebrtc', { id: 'a' });
const whep = operationPath('createWhepSession', { id: 'a' });
const session = operationPath('updateWhepSession', { id: 'a', session: 'none' });
const sdp = { 'content-type': 'application/sdp' };
const fragment = { 'content-type': 'application/trickle-ice-sdpfrag' };

const webrtcInput: WrongInput[] = [
  {
    request: `POST ${operationPath('offerWebrtc', { id: 'absent' })}`,
    body: {},
    answer: [400, 'invalid-body', 'sdp'],
  },
  { request: `POST ${offer}`, answer: [400, 'invalid-body', 'is missing'] },
  {
    request: `POST ${offer}`,
    body: { sdp: 'x', type: 'offer' },
    answer: [400, 'invalid-body', 'begins with v=0'],
  },
  {
    request: `POST ${offer}`,
    body: { sdp: 'v=0\r\n', type: 'answer' },
    answer: [400, 'invalid-body', 'must be offer'],
  },
  {
    request: `POST ${offer}`,
    body: { sdp: 'v=0\r\n', type: 'offer' },
    answer: [400, 'invalid-body', 'has no media'],
  },
  {
    request: `POST ${offer}?quality=4k`,
    body: { sdp: 'v=0\r\n', type: 'offer' },
    answer: [400, 'invalid-query', 'quality'],
  },
  {
    request: `POST ${offer}`,
    body: 'v=0',
    headers: sdp,
    answer: [415, 'unsupported-media-type', 'application/json'],
  },
  { request: `GET ${offer}`, answer: [405, 'method-not-allowed', 'POST'] },
  { request: `POST ${whep}`, headers: sdp, answer: [400, 'invalid-body', 'begins with v=0'] },
  { request: `POST ${whep}`, body: 'x', headers: sdp, answer: [400, 'invalid-body', 'begins with v=0'] },
  {
    request: `PATCH ${session}`,
    body: 'a=\0',
    headers: fragment,
    answer: [400, 'invalid-body', '(body): must not contain NUL'],
  },
  { request: `POST ${whep}`, body: {}, answer: [415, 'unsupported-media-type', 'application/sdp'] },
  {
    request: `POST ${whep}`,
    body: `v=0\r\n${'a'.repeat(50_000)}`,
    headers: sdp,
    answer: [400, 'invalid-body', 'must be at most'],
  },
  {
    request: `POST ${whep}`,
    body: 'v'.repeat(70_000),
    headers: sdp,
    answer: [413, 'body-too-large', 'bytes'],
  },
  { request: `GET ${whep}`, answer: [405, 'method-not-allowed', 'POST, OPTIONS'] },
  { request: `OPTIONS ${whep}`, answer: [503, 'service-unavailable', 'MEDIA_WEBRTC_URL'] },
  { request: `PATCH ${session}`, body: 'a=x', headers: fragment, answer: [404, 'session-not-found', 'none'] },
  {
    request: `PATCH ${session}`,
    body: 'a=x',
    headers: sdp,
    answer: [415, 'unsupported-media-type', 'sdpfrag'],
  },
  { request: `DELETE ${session}`, answer: [404, 'session-not-found', 'none'] },
  {
    request: `DELETE ${session}`,
    headers: { origin: 'https://evil.example' },
    answer: [403, 'cross-origin', 'evil'],
  },
];

const jpeg = operationPath('followJpeg', { id: 'a' });
const absentJpeg = operationPath('followJpeg', { id: 'absent' });
/** This API has no stream-proxy: e2e/src/live-jpeg.int.test.ts has one. */
const withoutProxy: WrongInput['answer'] = [503, 'service-unavailable', 'STREAM_PROXY_URL is not set'];

const jpegInput: WrongInput[] = [
  { request: `GET ${jpeg}`, answer: [426, 'upgrade-required', 'WebSocket'] },
  { request: `GET ${jpeg}?quality=ultra`, answer: [400, 'invalid-query', 'quality'] },
  {
    request: `GET ${operations.followEvents.path}?${'cameraId=a&'.repeat(1001)}`,
    answer: [400, 'invalid-query', 'at most 1000 times'],
  },
  { request: `POST ${jpeg}`, body: {}, answer: [405, 'method-not-allowed', 'GET'] },
  { request: `GET ${operations.followCameras.path}`, answer: [426, 'upgrade-required', 'WebSocket'] },
  { request: `GET ${jpeg}/info`, answer: withoutProxy },
  { request: `GET ${jpeg}/info?x=1`, answer: [400, 'invalid-query', 'no query parameters'] },
  { request: `GET ${absentJpeg}/info`, answer: notFound },
  { request: `GET ${jpeg}/snapshot?width=320`, answer: withoutProxy },
  { request: `GET ${jpeg}/snapshot?width=1`, answer: [400, 'invalid-query', 'at least 16 pixels'] },
  { request: `GET ${jpeg}/snapshot?width=wide`, answer: [400, 'invalid-query', 'width'] },
  { request: `GET ${jpeg}/snapshot?height=2`, answer: [400, 'invalid-query', 'height'] },
  { request: `GET ${absentJpeg}/snapshot`, answer: notFound },
  { request: `GET ${jpeg}.mjpeg`, answer: withoutProxy },
  { request: `GET ${jpeg}.mjpeg?quality=ultra`, answer: [400, 'invalid-query', 'quality'] },
  { request: `GET ${jpeg}.mjpeg?ticket=`, answer: [400, 'invalid-query', 'ticket'] },
  { request: `GET ${absentJpeg}.mjpeg`, answer: notFound },
  { request: `DELETE ${jpeg}.mjpeg`, answer: [405, 'method-not-allowed', 'GET'] },
];

const audit = operations.listAudit.path;

const auditInput: WrongInput[] = [
  { request: `GET ${audit}?limit=0`, answer: [400, 'invalid-query', 'limit'] },
  { request: `GET ${audit}?limit=501`, answer: [400, 'invalid-query', 'limit'] },
  { request: `GET ${audit}?cursor=%2e`, answer: [400, 'invalid-query', 'nextCursor'] },
  { request: `POST ${audit}`, answer: [405, 'method-not-allowed', 'GET'] },
];

let folder: string;
let api: RunningApi;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'camplane-wrong-input-'));
  api = await runApi({ dataDir: folder, limits: { writesPerMinute: 10_000 } });
  await api.call('POST', operations.listStreams.path, { id: 'a', rtspUrl });
});
afterAll(async () => {
  await api?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['streams', streamInput],
  ['detections of streams', detectionInput],
  ['cameras', cameraInput],
  ['WebRTC', webrtcInput],
  ['live JPEG', jpegInput],
  ['the audit log', auditInput],
])('wrong input for %s', (_what, table) => {
  it.each(table)('$request $body is answered with $answer', async ({ request, body, headers, answer }) => {
    const [method = '', path = ''] = request.split(' ');
    const response = await api.call(method, path, body, headers);
    const [status, code, text] = answer;
    expect([response.status, (response.body as { code?: string }).code]).toEqual([status, code]);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = problemSchema.parse(response.body);
    expect(JSON.stringify(problem)).toContain(text);
    expect(JSON.stringify(problem)).not.toContain('canary');
  });
});
