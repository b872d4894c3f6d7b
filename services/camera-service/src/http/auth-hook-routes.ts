import { Router, json } from 'express';
import type { AccessRules } from '@camplane/mediamtx/auth-hook';
import { decideAccess } from '@camplane/mediamtx/auth-hook';
import { authRequestSchema } from '@camplane/mediamtx/auth-request';
import type { Logger } from '@camplane/service-kit/logging';
import type { CameraFleet } from '../cameras/camera-fleet.ts';

/**
 * MediaMTX's auth hook, called before it accepts a publisher or a reader. Responds at once, because MediaMTX's path manager
 * waits for it. The first reader of an on-demand camera is noticed here, before its first packet.
 */
export function authHookRoutes(dependencies: {
  fleet: Pick<CameraFleet, 'readerArrived'>;
  rules: AccessRules;
  log: Logger;
}): Router {
  const { fleet, rules, log } = dependencies;
  const router = Router();
  router.post('/mediamtx/auth', json({ limit: '16kb' }), async (request, response) => {
    const parsed = authRequestSchema.safeParse(request.body);
    if (!parsed.success) {
      log.warn('auth hook refused a request of unknown form: is this MediaMTX 1.20?');
      response.sendStatus(400);
      return;
    }
    const decision = await decideAccess(parsed.data, rules);
    if (decision.allow && decision.reader) {
      const { path, id, isOwn } = decision.reader;
      fleet.readerArrived(path, isOwn ? { ownId: id } : 'viewer');
    }
    if (!decision.allow) {
      const { action, path, protocol } = parsed.data;
      log.debug({ action, path, protocol, reason: decision.reason }, 'auth hook refused a request');
    }
    response.sendStatus(decision.allow ? 204 : 401);
  });
  return router;
}
