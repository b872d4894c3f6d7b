import { decideAccess } from '@camplane/mediamtx/auth-hook';
import { authRequestSchema } from '@camplane/mediamtx/auth-request';
import type { ReaderGate } from '@camplane/mediamtx/reader-gate';
import express from 'express';
import type { Express } from 'express';

/**
 * The auth hook of edges, `POST /mediamtx/auth`, on a separate port that only edges reach. It admits readers, and
 * Camplane to the edge's control API. Publishers are refused.
 */
export function mediaHookApp(deps: {
  gate: ReaderGate;
  apiPassword: string | null;
  log: { warn(message: string): void };
}): Express {
  const { gate, apiPassword, log } = deps;
  const rules = {
    // The gate knows the cameras.
    isKnownPath: () => true,
    apiCredentials: apiPassword === null ? null : { username: 'camplane', password: apiPassword },
    passes: { accepts: () => false },
    gate,
  };
  const app = express();
  app.disable('x-powered-by');
  app.post('/mediamtx/auth', express.json({ limit: '16kb' }), async (request, response) => {
    const parsed = authRequestSchema.safeParse(request.body);
    if (!parsed.success) {
      log.warn('auth hook refused a request of unknown form: is this MediaMTX 1.20?');
      response.sendStatus(400);
      return;
    }
    const { allow } = await decideAccess(parsed.data, rules);
    response.sendStatus(allow ? 204 : 401);
  });
  app.use((_request, response) => void response.sendStatus(404));
  return app;
}
