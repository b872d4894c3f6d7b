import { detectionsPerResultMax } from '@camplane/contracts/detection';
import type { Found } from '@camplane/contracts/detection';
import { CamplaneError } from '@camplane/contracts/problem';
import { methodNotAllowedHandler } from '@camplane/service-kit/problem-middleware';
import express, { Router } from 'express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { openImage, UnreadableImage } from '../detect/open-image.ts';
import { parseDetectQuery } from './detect-query.ts';
import type { SingleDetector } from './detect-query.ts';
import { boundaryOfForm, imageOfForm } from './multipart-image.ts';

export type DetectLimits = {
  bodyMaxBytes: number;
  /** Concurrent requests; further ones get 429. */
  requestsMax: number;
  /** Width × height of the image. */
  pixelsMax: number;
};

export const defaultDetectLimits: DetectLimits = {
  bodyMaxBytes: 8 * 1024 * 1024,
  requestsMax: 8,
  pixelsMax: 25_000_000,
};

/** Runs detectors on a single image. @throws CamplaneError */
export type DetectInImage = (
  image: Uint8Array,
  detectors: readonly SingleDetector[],
  minConfidence: number,
) => Promise<readonly Found[]>;

/**
 * `POST /detect` (R3.8): a form with the file `image`, JPEG or PNG. The response is an array of detections, highest
 * confidence first. Nothing is stored.
 */
export function detectRoutes(options: {
  detect: DetectInImage;
  /** Available detectors. */
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
      // Errors outside the body are reported before it is read.
      (request: Request, _response: Response, next: NextFunction) => {
        parseDetectQuery(request.query, options.detectors);
        boundaryOfForm(request.headers['content-type']);
        next();
      },
      express.raw({ type: () => true, limit: limits.bodyMaxBytes, inflate: false }),
      async (request: Request, response: Response) => {
        const { detectors, minConfidence } = parseDetectQuery(request.query, options.detectors);
        const image = await imageOfForm(request.headers['content-type'], request.body);
        await checkImage(image, limits.pixelsMax);
        const found = await options.detect(image, detectors, minConfidence);
        const sorted = [...found].sort((a, b) => b.confidence - a.confidence);
        response.set('Cache-Control', 'no-store').json(sorted.slice(0, detectionsPerResultMax));
      },
    )
    .all(methodNotAllowedHandler('POST'));
  return router;
}

/** Any web page can post a form to any host; such requests would only use processor time. */
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
      // The rest of the body is not read.
      response.set({ 'Retry-After': '1', Connection: 'close' });
      throw new CamplaneError('too-many-requests', `${requestsMax} images are being processed: try again`);
    }
    requests += 1;
    // Emitted after the response, and when the client disconnects.
    response.once('close', () => {
      requests -= 1;
    });
    next();
  };
}

/** Reads only the header; the detectors decode the rest. */
async function checkImage(image: Uint8Array, pixelsMax: number): Promise<void> {
  try {
    const { width, height } = await openImage(image, 0);
    if (width * height <= pixelsMax) return;
    const message = `The image has ${width}×${height} pixels, more than ${pixelsMax}: send a smaller one`;
    throw new CamplaneError('invalid-picture', message);
  } catch (error) {
    if (!(error instanceof UnreadableImage)) throw error;
    throw new CamplaneError('invalid-picture', `${error.message}: send a JPEG or a PNG`, { cause: error });
  }
}
