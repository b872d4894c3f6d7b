import type { ServerResponse } from 'node:http';
import type { JpegForm } from '../jpeg/jpeg-clip.ts';
import { jpegClip } from '../jpeg/jpeg-clip.ts';
import type { LoginDeviation } from '../rtsp/deviation.ts';
import type { HttpCamera } from './http-camera.ts';
import { startHttpCamera } from './http-camera.ts';

export type MultipartDeviation = {
  size?: readonly [width: number, height: number];
  form?: JpegForm;
  fps?: number;
  login?: LoginDeviation;
  /** Content-Type of the answer; default `multipart/x-mixed-replace; boundary=camera`. */
  contentType?: string;
  /** The line between two parts; default `--camera`. */
  delimiter?: string;
  withoutFirstDelimiter?: boolean;
  /** Content-Type of a part; null: none. */
  partType?: string | null;
  /** Content-Length of a part; default true. */
  length?: 'none' | 'wrong' | 'lower-case';
  newline?: '\n';
  /** Sent before the first part. */
  preamble?: string;
  /** Header lines that each part has beside its own. */
  partHeaders?: readonly string[];
  /** Ends the first connection after this many pictures. */
  endsAfterPictures?: number;
  freeze?: { afterPictures: number; forSeconds: number };
};

/** Bytes buffered for a slow client; beyond that, pictures are dropped, as cameras do. */
const pendingMaxBytes = 8_000_000;

/** Starts a camera that sends one JPEG after another over HTTP. */
export async function startMultipartCamera(
  deviation: MultipartDeviation,
  options: { cacheFolder: string; port?: number; host?: string },
): Promise<HttpCamera> {
  const { size = [320, 180], form = 'ordinary', fps = 10 } = deviation;
  const pictures = await jpegClip({ size, form }, options.cacheFolder);
  let connections = 0;
  return startHttpCamera({
    ...options,
    path: '/video.mjpg',
    login: deviation.login,
    serve: (_request, response) => {
      const { contentType = 'multipart/x-mixed-replace; boundary=camera' } = deviation;
      response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-cache' });
      response.flushHeaders();
      if (deviation.preamble !== undefined) response.write(deviation.preamble);
      connections += 1;
      const { endsAfterPictures = Infinity } = connections === 1 ? deviation : {};
      sendParts(response, { ...deviation, endsAfterPictures }, pictures, fps);
    },
  });
}

function sendParts(
  response: ServerResponse,
  deviation: MultipartDeviation,
  pictures: readonly Buffer[],
  fps: number,
): void {
  const startedMs = performance.now();
  let pausedMs = 0;
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  const next = () => {
    const picture = pictures[sent % pictures.length] ?? Buffer.alloc(0);
    if (response.writableLength < pendingMaxBytes) response.write(part(deviation, picture, sent === 0));
    sent += 1;
    if (sent === deviation.endsAfterPictures) {
      response.end();
      return;
    }
    if (sent === deviation.freeze?.afterPictures) pausedMs += deviation.freeze.forSeconds * 1000;
    const dueMs = startedMs + pausedMs + (sent * 1000) / fps;
    timer = setTimeout(next, Math.max(0, dueMs - performance.now()));
  };
  response.on('close', () => clearTimeout(timer));
  next();
}

function part(deviation: MultipartDeviation, picture: Buffer, isFirst: boolean): Buffer {
  const { delimiter = '--camera', partType = 'image/jpeg', newline = '\r\n', partHeaders = [] } = deviation;
  const length = { none: [], wrong: [`Content-Length: ${picture.length + 1000}`] };
  const trueLength = [
    `${deviation.length === 'lower-case' ? 'content-length' : 'Content-Length'}: ${picture.length}`,
  ];
  const lengthHeader =
    deviation.length === 'none' || deviation.length === 'wrong' ? length[deviation.length] : trueLength;
  const lines = [
    ...(isFirst && deviation.withoutFirstDelimiter === true ? [] : [delimiter]),
    ...(partType === null ? [] : [`Content-Type: ${partType}`]),
    ...lengthHeader,
    ...partHeaders,
  ];
  return Buffer.concat([
    Buffer.from(`${lines.join(newline)}${newline}${newline}`),
    picture,
    Buffer.from(newline),
  ]);
}
