import { Router, json } from 'express';
import { authRequestSchema, decideAccess } from '@camplane/mediamtx/auth-hook';
import type { Logger } from '@camplane/service-kit/logging';
import type { CameraFleet } from '../cameras/camera-fleet.ts';

/**
 * MediaMTX's auth hook, called before it accepts a publisher or a reader. Responds at once, because MediaMTX's path manager
 * waits for it. The first reader of an on-demand camera is noticed here, before its first packet.
 */
export function authHookRoutes(dependencies: {
  fleet: CameraFleet;
  apiCredentials: { username: string; password: string } | null;
  log: Logger;
}): Router {
  const router = Router();
  router.post('/mediamtx/auth', json({ limit: '16kb' }), (request, response) => {
    const parsed = authRequestSchema.safeParse(request.body);
    if (!parsed.success) {
      dependencies.log.warn('auth hook refused a request of unknown form: is this MediaMTX 1.20?');
      response.sendStatus(400);
      return;
    }
    const decision = decideAccess(parsed.data, {
      isKnownPath: (path) => dependencies.fleet.knowsPath(path),
      apiCredentials: dependencies.apiCredentials,
    });
    if (decision.allow && decision.reader) {
      const { path, id, isTap } = decision.reader;
      dependencies.fleet.readerArrived(path, isTap ? { ownId: id } : 'viewer');
    }
    response.sendStatus(decision.allow ? 204 : 401);
  });
  return router;
}
