import { jpegOperations } from '@camplane/contracts/jpeg-operations';
import { jpegQualities, jpegQualitySchema } from '@camplane/contracts/jpeg-stream';
import type { JpegInfo, JpegQuality } from '@camplane/contracts/jpeg-stream';
import { operationPath } from '@camplane/contracts/operations';
import type { WallClock } from '@camplane/runtime/clock';
import type { Refusals } from '@camplane/service-kit/refusals';
import { Router } from 'express';
import type { Response } from 'express';
import sharp from 'sharp';
import type { ClientSlots } from '../clients/client-slots.ts';
import { serveMjpeg } from '../clients/mjpeg-client.ts';
import { takeSnapshot } from '../snapshots/take-snapshot.ts';
import type { TapFrame } from '../snapshots/take-snapshot.ts';
import type { StreamPool } from '../streams/stream-pool.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import { cameraIdOf, parseQuery } from './parse-request.ts';
import { requireCredential } from './require-credential.ts';

/** The routes of a camera's stream over plain HTTP, for control-api. */
export function streamRoutes(dependencies: {
  secret: string;
  refusals: Refusals;
  defaultQuality: JpegQuality;
  pool: StreamPool;
  clients: ClientSlots;
  tapFrame: TapFrame;
  metrics: StreamMetrics;
  wallClock: WallClock;
}): Router {
  const { defaultQuality, clients } = dependencies;
  const router = Router({ caseSensitive: true, strict: true });
  const pathOf = (id: keyof typeof jpegOperations): string => jpegOperations[id].path.replace('{id}', ':id');

  router.use((request, _response, next) => {
    requireCredential(request, dependencies);
    next();
  });

  router.get(pathOf('readJpegInfo'), (request, response) => {
    response.set('Cache-Control', 'no-store').json(infoOf(cameraIdOf(request.params['id']), defaultQuality));
  });

  router.get(pathOf('readJpegSnapshot'), async (request, response) => {
    const cameraId = cameraIdOf(request.params['id']);
    const { width } = parseQuery(jpegOperations.readJpegSnapshot.query, request.query);
    const snapshot = await takeSnapshot(cameraId, disconnectSignal(response), dependencies);
    response
      .set({
        'Content-Type': 'image/jpeg',
        'Cache-Control': 'no-store',
        'X-Captured-At': new Date(snapshot.capturedAt).toISOString(),
        'X-Camplane-Source': snapshot.from,
      })
      .send(width === undefined ? snapshot.jpeg : await scaled(snapshot.jpeg, width));
  });

  router.get(pathOf('readMjpeg'), (request, response) => {
    const cameraId = cameraIdOf(request.params['id']);
    const { quality = defaultQuality } = parseQuery(jpegOperations.readMjpeg.query, request.query);
    const leave = clients.join('mjpeg');
    response.once('close', leave);
    serveMjpeg(response, { cameraId, quality }, dependencies);
  });

  return router;
}

function infoOf(id: string, defaultQuality: JpegQuality): JpegInfo {
  return {
    type: 'jpeg',
    url: operationPath('followJpeg', { id }),
    mjpegUrl: operationPath('readMjpeg', { id }),
    snapshotUrl: operationPath('readJpegSnapshot', { id }),
    defaultQuality,
    qualities: jpegQualitySchema.options.map((name) => ({ name, ...jpegQualities[name] })),
  };
}

/** In libvips's own thread. Never scaled up. */
function scaled(jpeg: Buffer, width: number): Promise<Buffer> {
  return sharp(jpeg).resize({ width, withoutEnlargement: true }).jpeg({ quality: 85 }).toBuffer();
}

function disconnectSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
