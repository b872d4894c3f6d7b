import { operations } from '@camplane/contracts/operations';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { RunningApi } from '../running-api.ts';
import { forEachAtOnce } from './http-client.ts';
import { may } from './oracle.ts';
import type { Caller, MatrixCamera } from './oracle.ts';
import { allCameras } from './world.ts';

const connectingAtOnce = 20;

/**
 * Every caller asks for live JPEG of every camera over one connection. This API has no stream-proxy, so a permitted
 * camera answers `service-unavailable`.
 */
export async function leaksOfWatches(
  api: RunningApi,
  callers: readonly Caller[],
): Promise<{ leaks: string[]; cases: number }> {
  const leaks: string[] = [];
  let cases = 0;
  await forEachAtOnce(callers, connectingAtOnce, async (caller) => {
    const { status, socket } = await connect(api, caller);
    const leak = (text: string): void => void leaks.push(`${caller.name}: ${text}`);
    if (!caller.rights) {
      // Without any credential, the first message decides.
      cases++;
      if (status !== 401 && status !== 101) leak(`the handshake answered ${status}`);
      if (status === 101) await refusesFirstMessage(socket, leak);
      return;
    }
    const expected = may(caller, 'camera.view', 'any') ? 101 : 403;
    if (status !== expected) leak(`the handshake answered ${status} instead of ${expected}`);
    if (status !== 101) return;
    const answers = await answersTo(socket, allCameras);
    const absent = answers.get(allCameras.find(({ isRegistered }) => !isRegistered)?.id ?? '');
    for (const camera of allCameras) {
      cases++;
      const isShown = camera.isRegistered && may(caller, 'camera.view', camera);
      const answer = answers.get(camera.id) ?? '';
      if (isShown !== answer.includes('service-unavailable')) leak(`${camera.id} answered ${answer}`);
      if (!isShown && answer !== absent) leak(`${camera.id} answered ${answer}, an absent one ${absent}`);
    }
    socket.terminate();
  });
  return { leaks, cases };
}

async function connect(api: RunningApi, { headers, localAddress }: Caller) {
  const address = `${api.url.replace('http', 'ws')}${operations.followCameras.path}`;
  const socket = new WebSocket(address, {
    headers,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  const status = await new Promise<number>((resolve, reject) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
  return { status, socket };
}

async function refusesFirstMessage(socket: WebSocket, leak: (text: string) => void): Promise<void> {
  const received: string[] = [];
  socket.on('message', (data: Buffer) =>
    received.push((JSON.parse(data.toString()) as { code: string }).code),
  );
  socket.send(JSON.stringify({ type: 'watch', cameraId: allCameras[0]?.id, quality: 'low' }));
  const [code] = (await once(socket, 'close')) as [number];
  if (code !== 4401 || received.join() !== 'unauthenticated')
    leak(`received ${received.join()}, closed with ${code}`);
}

/** The answer for each camera, with its id replaced. */
async function answersTo(socket: WebSocket, asked: readonly MatrixCamera[]): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  const complete = new Promise<void>((resolve, reject) => {
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      const { cameraId } = JSON.parse(text) as { cameraId: string };
      answers.set(cameraId, text.replaceAll(cameraId, 'ID'));
      if (answers.size === asked.length) resolve();
    });
  });
  for (const { id } of asked) socket.send(JSON.stringify({ type: 'watch', cameraId: id, quality: 'low' }));
  await complete;
  return answers;
}
