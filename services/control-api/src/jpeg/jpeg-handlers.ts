import { jpegInfoSchema } from '@camplane/contracts/jpeg-stream';
import type { JpegInfo } from '@camplane/contracts/jpeg-stream';
import { operationPath } from '@camplane/contracts/operations';
import { CamplaneError } from '@camplane/contracts/problem';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { CameraDirectory } from '../access/camera-rights.ts';
import { requireRegistered } from '../cameras/require-registered.ts';
import type { Handlers } from '../http/api-router.ts';
import type { StreamProxyClient } from './stream-proxy-client.ts';
import type { Viewings } from './viewings.ts';

const infoMaxBytes = 16 * 1024;

/** Live JPEG over plain HTTP, from stream-proxy. The router has decided that the caller may view the camera. */
export function jpegHandlers(deps: {
  streamProxy: StreamProxyClient;
  viewings: Pick<Viewings, 'watch'>;
  cameras: Pick<CameraDirectory, 'identity'>;
}): Pick<Handlers, 'readJpegInfo' | 'readJpegSnapshot' | 'readMjpeg'> {
  const { streamProxy, viewings } = deps;
  return {
    readJpegInfo: async ({ id, signal }) => {
      requireRegistered(id, deps.cameras);
      return {
        answer: await readInfo(await streamProxy.get(id, operationPath('readJpegInfo', { id }), signal)),
      };
    },

    readJpegSnapshot: async ({ id, query, signal, response }) => {
      requireRegistered(id, deps.cameras);
      const path = `${operationPath('readJpegSnapshot', { id })}${queryText({ width: query.width })}`;
      const picture = await streamProxy.get(id, path, signal);
      response.status(200).set({ 'Content-Type': 'image/jpeg', 'Cache-Control': 'no-store' });
      for (const name of ['content-length', 'x-captured-at', 'x-camplane-source']) {
        const value = picture.headers[name];
        if (typeof value === 'string') response.set(name, value);
      }
      try {
        await pipeline(picture, response);
      } catch {
        // The client or stream-proxy has disconnected; the response shows it.
        response.destroy();
      }
      return 'sent';
    },

    readMjpeg: async ({ id, query, principal, signal, response }) => {
      requireRegistered(id, deps.cameras);
      const path = `${operationPath('readMjpeg', { id })}${queryText({ quality: query.quality })}`;
      const stream = await streamProxy.get(id, path, signal);
      response.status(200).set({
        'Content-Type': stream.headers['content-type'] ?? 'multipart/x-mixed-replace',
        'Cache-Control': 'no-store',
        // For nginx: an endless response must not be buffered.
        'X-Accel-Buffering': 'no',
        Connection: 'close',
      });
      if (response.req.method === 'HEAD') {
        stream.destroy();
        response.end();
        return 'sent';
      }
      const unwatch = viewings.watch(principal, id, () => response.destroy());
      try {
        await pipeline(stream, response);
      } catch {
        response.destroy();
      } finally {
        unwatch();
      }
      return 'sent';
    },
  };
}

/** A query string of what is given. The ticket of a viewer is not passed on. */
export function queryText(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) given.set(name, String(value));
  }
  return given.size === 0 ? '' : `?${given.toString()}`;
}

async function readInfo(response: IncomingMessage): Promise<JpegInfo> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > infoMaxBytes) break;
  }
  try {
    return jpegInfoSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CamplaneError('service-unavailable', 'stream-proxy returned an invalid answer', { cause });
  }
}
