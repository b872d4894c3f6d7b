import { Router } from 'express';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import {
  credentialsSchema,
  sourceUrlSchema,
  transportSchema,
  videoModeSchema,
} from '@camplane/contracts/camera';
import { CamplaneError, fieldsOf } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import type { Refusals } from '@camplane/service-kit/refusals';
import { jsonBody } from '@camplane/service-kit/problem-middleware';
import type { CameraFleet } from '../cameras/camera-fleet.ts';
import type { CameraRunner } from '../cameras/camera-runner.ts';
import { answerMaxMs } from '../frames/snapshots.ts';
import type { SnapshotOutcome, Snapshots } from '../frames/snapshots.ts';
import type { Prober } from '../probe/prober.ts';
import { requireRight } from './require-caller.ts';
import type { CallerRight } from './require-caller.ts';

/** Body of `POST /probe`. control-api has added stored credentials. */
const probeBodySchema = z.strictObject({
  url: sourceUrlSchema,
  transport: transportSchema.default('tcp'),
  credentials: credentialsSchema.nullable().default(null),
  mode: videoModeSchema.default('copy'),
  audio: z.boolean().default(false),
});

/** An older frame of the tap is not current: a snapshot is taken on request. */
const currentFrameMs = 10_000;

/** The routes that other services call: status, snapshot, probe. */
export function cameraRoutes(dependencies: {
  fleet: CameraFleet;
  snapshots: Snapshots;
  prober: Prober;
  wallClock: WallClock;
  refusals: Refusals;
}): Router {
  const { fleet, snapshots, prober, refusals } = dependencies;
  const router = Router();
  const may = (right: CallerRight) => requireRight(right, refusals);

  router.get('/cameras', may('status'), (_request, response) => {
    response.json({ items: fleet.statuses() });
  });

  router.get('/cameras/:id/status', may('status'), (request, response) => {
    response.json(runnerOf(request.params.id).status());
  });

  router.get('/cameras/:id/snapshot', may('snapshot'), async (request, response) => {
    const runner = runnerOf(request.params.id);
    const status = runner.status();
    const latest = runner.frames.latest();
    const isCurrent =
      latest !== null && dependencies.wallClock.epochMs() - latest.capturedAt < currentFrameMs;
    const taken =
      !isCurrent && status.isRunning
        ? await snapshots.take({ id: status.cameraId, frames: runner.frames })
        : null;
    // If the video has ended in the meantime, the snapshot may show the slate.
    const isTaken = taken?.kind === 'frame' && runner.status().isRunning;
    const frame = isTaken ? taken.frame : (runner.frames.latest() ?? latest);
    if (!frame) throw noPicture(runner.status(), taken?.kind);
    response
      .set({
        'Content-Type': 'image/jpeg',
        'Cache-Control': 'no-store',
        'Last-Modified': new Date(frame.capturedAt).toUTCString(),
        'X-Captured-At': new Date(frame.capturedAt).toISOString(),
      })
      .send(frame.jpeg);
  });

  router.post(
    '/probe',
    may('probe'),
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
    if (!runner)
      throw new CamplaneError('camera-not-found', `Camera '${id.slice(0, 63)}' does not run here.`);
    return runner;
  }

  return router;
}

/** Says why there is no frame, and when to retry. */
function noPicture(status: CameraStatus, taken: SnapshotOutcome['kind'] | undefined): CamplaneError {
  const retryAfterSeconds = 5;
  if (taken === 'busy') {
    return new CamplaneError('no-picture', 'Too many snapshots are being taken.', { retryAfterSeconds });
  }
  const readable = status.conditions.find(({ type }) => type === 'Readable');
  const reason =
    !status.isRunning || taken === undefined
      ? status.message
      : readable?.status === 'False'
        ? readable.message
        : `None arrived within ${answerMaxMs / 1000} s: the camera sends key frames more rarely. A key-frame interval of 1 or 2 s helps.`;
  return new CamplaneError('no-picture', `No frame is available yet. ${reason}`, { retryAfterSeconds });
}
