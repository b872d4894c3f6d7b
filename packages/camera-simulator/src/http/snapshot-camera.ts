import { jpegClip } from '../jpeg/jpeg-clip.ts';
import type { JpegForm } from '../jpeg/jpeg-clip.ts';
import type { LoginDeviation } from '../rtsp/deviation.ts';
import type { HttpCamera } from './http-camera.ts';
import { startHttpCamera } from './http-camera.ts';

export type SnapshotDeviation = {
  size?: readonly [width: number, height: number];
  form?: JpegForm;
  login?: LoginDeviation;
  contentType?: string;
  /** Answers 304 to a conditional request while the picture is the same. */
  hasEtag?: boolean;
  /** The picture changes at this interval; default 0.1. */
  changesEverySeconds?: number;
  answerMs?: number;
  /** Every this many requests, one is answered 503. */
  unavailableEvery?: number;
  closesConnection?: boolean;
};

/** Starts a camera whose address returns one JPEG. */
export async function startSnapshotCamera(
  deviation: SnapshotDeviation,
  options: { cacheFolder: string; port?: number; host?: string },
): Promise<HttpCamera> {
  const { size = [320, 180], form = 'ordinary', changesEverySeconds = 0.1 } = deviation;
  const pictures = await jpegClip({ size, form }, options.cacheFolder);
  let requests = 0;
  return startHttpCamera({
    ...options,
    path: '/snapshot.jpg',
    login: deviation.login,
    serve: (request, response) => {
      requests += 1;
      const isUnavailable =
        deviation.unavailableEvery !== undefined && requests % deviation.unavailableEvery === 0;
      const index = Math.floor(performance.now() / 1000 / changesEverySeconds) % pictures.length;
      const picture = pictures[index] ?? Buffer.alloc(0);
      const etag = deviation.hasEtag === true ? { ETag: `"${index}"` } : {};
      const connection = deviation.closesConnection === true ? { Connection: 'close' } : {};
      const answer = () => {
        if (isUnavailable) response.writeHead(503).end();
        else if (deviation.hasEtag === true && request.headers['if-none-match'] === etag.ETag) {
          response.writeHead(304, etag).end();
        } else {
          const type = { 'Content-Type': deviation.contentType ?? 'image/jpeg' };
          response.writeHead(200, { ...type, 'Content-Length': picture.length, ...etag, ...connection });
          response.end(picture);
        }
      };
      setTimeout(answer, deviation.answerMs ?? 0);
    },
  });
}
