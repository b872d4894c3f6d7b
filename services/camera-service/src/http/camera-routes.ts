import { Router } from 'express';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { credentialsSchema, sourceUrlSchema, transportSchema } from '@camplane/contracts/camera';
import { CamplaneError, fieldsOf } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import { jsonBody } from '@camplane/service-kit/problem-middleware';
import type { CameraFleet } from '../cameras/camera-fleet.ts';
import type { CameraRunner } from '../cameras/camera-runner.ts';
import type { Prober } from '../stream/prober.ts';
import type { Snapshots } from '../tap/snapshots.ts';

/** Body of `POST /probe`; the API in front has filled in stored credentials. */
const probeBodySchema = z.strictObject({
  url: sourceUrlSchema,
  transport: transportSchema.default('tcp'),
  credentials: credentialsSchema.nullable().default(null),
});

/** A picture of the tap older than this is not the current one: one is taken on request. */
const currentPictureMs = 10_000;

/** What control-api asks of camera-service: status, snapshot, probe. */
export function cameraRoutes(dependencies: {
  fleet: CameraFleet;
  snapshots: Snapshots;
  prober: Prober;
  wallClock: WallClock;
}): Router {
  const { fleet, snapshots, prober } = dependencies;
  const router = Router();

  router.get('/cameras', (_request, response) => {
    response.json({ items: fleet.statuses() });
  });

  router.get('/cameras/:id/status', (request, response) => {
    response.json(runnerOf(request.params.id).status());
  });

  router.get('/cameras/:id/snapshot', async (request, response) => {
    const runner = runnerOf(request.params.id);
    const status = runner.status();
    const latest = runner.latestPicture();
    const isCurrent =
      latest !== null && dependencies.wallClock.epochMs() - latest.capturedAt < currentPictureMs;
    const taken = !isCurrent && status.isRunning ? await snapshots.take(status.cameraId) : null;
    // Were the video gone by now, it could be a picture of the slate.
    const picture = taken && runner.status().isRunning ? taken : latest;
    if (!picture) throw new CamplaneError('no-picture', `There is no picture yet. ${status.message}`);
    response
      .set({
        'Content-Type': 'image/jpeg',
        'Cache-Control': 'no-store',
        'Last-Modified': new Date(picture.capturedAt).toUTCString(),
        'X-Captured-At': new Date(picture.capturedAt).toISOString(),
      })
      .send(picture.jpeg);
  });

  router.post(
    '/probe',
    ...jsonBody({ maxBytes: 16 * 1024 }),
    async (request: Request, response: Response) => {
      const body = probeBodySchema.safeParse(request.body);
      if (!body.success) {
        throw new CamplaneError('invalid-body', 'The probe is not valid.', { fields: fieldsOf(body.error) });
      }
      response.json(await prober.probe(body.data));
    },
  );

  function runnerOf(id: string): CameraRunner {
    const parsed = cameraIdSchema.safeParse(id);
    const runner = parsed.success ? fleet.get(parsed.data) : undefined;
    if (!runner) throw new CamplaneError('camera-not-found', `There is no camera '${id.slice(0, 63)}' here.`);
    return runner;
  }

  return router;
}
