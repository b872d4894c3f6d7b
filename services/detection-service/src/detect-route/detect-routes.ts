import { detectionsPerResultMax } from '@camplane/contracts/detection';
import type { Found } from '@camplane/contracts/detection';
import { CamplaneError } from '@camplane/contracts/problem';
import { methodNotAllowedHandler } from '@camplane/service-kit/problem-middleware';
import express, { Router } from 'express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { readPicture, UnreadablePicture } from '../detect/read-picture.ts';
import { parseDetectQuery } from './detect-query.ts';
import type { SingleDetector } from './detect-query.ts';
import { boundaryOfForm, pictureOfForm } from './multipart-picture.ts';

export type DetectLimits = {
  bodyMaxBytes: number;
  /** Requests that are received or looked at; one more is told to come again. */
  requestsMax: number;
  /** Of the picture, width times height. */
  pixelsMax: number;
};

export const defaultDetectLimits: DetectLimits = {
  bodyMaxBytes: 8 * 1024 * 1024,
  requestsMax: 8,
  pixelsMax: 25_000_000,
};

/** Looks at one picture without any knowledge of others. @throws CamplaneError */
export type LookAtSingle = (
  picture: Uint8Array,
  detectors: readonly SingleDetector[],
  minConfidence: number,
) => Promise<readonly Found[]>;

/**
 * `POST /detect` (R3.8): a form with the file `image`, JPEG or PNG, answered by an array of what was found, the
 * surest first. It keeps nothing.
 */
export function detectRoutes(options: {
  look: LookAtSingle;
  /** What can be asked: person, and onnx where there is a model. */
  detectors: readonly SingleDetector[];
  limits?: Partial<DetectLimits>;
}): Router {
  const limits = { ...defaultDetectLimits, ...options.limits };
  const router = Router();
  router
    .route('/detect')
    .post(
      refuseOtherOrigins,
      limitRequests(limits.requestsMax),
      // What is wrong beside the body is said before it is read.
      (request: Request, _response: Response, next: NextFunction) => {
        parseDetectQuery(request.query, options.detectors);
        boundaryOfForm(request.headers['content-type']);
        next();
      },
      express.raw({ type: () => true, limit: limits.bodyMaxBytes, inflate: false }),
      async (request: Request, response: Response) => {
        const { detectors, minConfidence } = parseDetectQuery(request.query, options.detectors);
        const picture = await pictureOfForm(request.headers['content-type'], request.body);
        await checkPicture(picture, limits.pixelsMax);
        const found = await options.look(picture, detectors, minConfidence);
        const surest = [...found].sort((a, b) => b.confidence - a.confidence);
        response.set('Cache-Control', 'no-store').json(surest.slice(0, detectionsPerResultMax));
      },
    )
    .all(methodNotAllowedHandler('POST'));
  return router;
}

/** A form is what any web page may send anywhere: one that does would only take our time. */
const refuseOtherOrigins: RequestHandler = (request, _response, next) => {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    throw new CamplaneError('cross-origin', 'Web pages of another origin may not call this service');
  }
  next();
};

function limitRequests(requestsMax: number): RequestHandler {
  let requests = 0;
  return (_request, response, next) => {
    if (requests >= requestsMax) {
      // What is left of the body is not read.
      response.set({ 'Retry-After': '1', Connection: 'close' });
      throw new CamplaneError(
        'too-many-requests',
        `${requestsMax} pictures are looked at already: try again`,
      );
    }
    requests += 1;
    // Comes after the answer as well as after the client has gone.
    response.once('close', () => {
      requests -= 1;
    });
    next();
  };
}

/** Reads the head alone; the detectors decode the rest. */
async function checkPicture(picture: Uint8Array, pixelsMax: number): Promise<void> {
  try {
    const { width, height } = await readPicture(picture, 0);
    if (width * height <= pixelsMax) return;
    const message = `The picture has ${width}×${height} pixels, more than ${pixelsMax}: send a smaller one`;
    throw new CamplaneError('invalid-picture', message);
  } catch (error) {
    if (!(error instanceof UnreadablePicture)) throw error;
    throw new CamplaneError('invalid-picture', `${error.message}: send a JPEG or a PNG`, { cause: error });
  }
}
