import { onAbort } from '@camplane/runtime/abort';
import type { Clock } from '@camplane/runtime/clock';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { CameraResolver } from '../network/camera-resolver.ts';
import type { OpenSource } from '../open-source.ts';
import type { Credentials } from '../rtsp/rtsp-login.ts';
import { createCameraHttp } from './camera-http.ts';
import type { CameraHttp, HttpCameraSource } from './camera-http.ts';
import { httpConnectionFailure, httpRefusal } from './http-failure.ts';
import { readJpegHeader, rtpRefusal } from './jpeg-headers.ts';
import { createMultipartFeed } from './multipart-feed.ts';
import type { PictureFeed } from './picture-feed.ts';
import { startPictureRelay } from './picture-relay.ts';
import { readResponseBody } from './response-body.ts';
import type { ResponseBody } from './response-body.ts';
import { createSnapshotFeed, snapshotIntervalMs, validatorsOf } from './snapshot-feed.ts';

export type OpenHttpSourceOptions = {
  source: HttpCameraSource;
  credentials: Credentials | null;
  /** Of this attempt: it checks and pins the address. */
  resolver: CameraResolver;
  /** Requests per second to an address that returns one picture, 0.2–5; read before each request. */
  requestedFps(): number;
  /** Until the first picture, or the headers of anything else. */
  timeoutMs: number;
  signal: AbortSignal;
  clock: Clock;
  random(): number;
};

export type OpenHttpSource =
  | {
      kind: 'multipart' | 'jpeg';
      source: OpenSource;
      /** The latest picture as the camera sent it. */
      picture: Buffer;
    }
  /** Nothing is open: FFmpeg opens the address itself. */
  | { kind: 'hls' | 'other' };

/** Time in which the rate of a stream is measured, after its first picture. */
const measureMs = 600;
const measuredPictures = 4;
const fpsMax = 60;
/** An endless response with one picture: how long the next one may take in a stream that is not called multipart. */
const secondPictureMs = 1500;

/**
 * Opens an HTTP address with one GET, and decides from what arrives what it is. Throws RunFailure with what the camera
 * answered, or the reason of the signal.
 */
export async function openHttpSource(options: OpenHttpSourceOptions): Promise<OpenHttpSource> {
  const { timeoutMs } = options;
  options.signal.throwIfAborted();
  const http = createCameraHttp(options);
  // Aborted while the source is being opened only: afterwards the response is read on.
  const opening = new AbortController();
  const late = new RunFailure('TimedOut', `The camera sent no picture within ${timeoutMs / 1000} s.`);
  const timer = setTimeout(() => opening.abort(late), timeoutMs);
  const removeListener = onAbort(options.signal, () => opening.abort(options.signal.reason));
  try {
    return await open(options, http, opening.signal);
  } catch (error) {
    http.close();
    options.signal.throwIfAborted();
    throw opening.signal.aborted ? late : httpConnectionFailure(error);
  } finally {
    clearTimeout(timer);
    removeListener();
  }
}

async function open(
  options: OpenHttpSourceOptions,
  http: CameraHttp,
  signal: AbortSignal,
): Promise<OpenHttpSource> {
  const { path } = options.source;
  const answer = await http.get({}, signal);
  const refusal = httpRefusal(answer);
  if (refusal) throw refusal;
  const { response } = answer;
  const body = readResponseBody(response, path);
  await body.until(() => body.verdict !== null, signal);
  const { verdict } = body;
  if (verdict === null) throw new RunFailure('Ended', 'The camera closed the connection without an answer.');
  if ('refusal' in verdict) throw new RunFailure('InvalidData', verdict.refusal);
  if (verdict.kind === 'hls' || verdict.kind === 'other') {
    body.close();
    http.close();
    return { kind: verdict.kind };
  }
  await body.until(() => body.pictures > 0, signal);
  const isSingle = await isSinglePicture(body, verdict.kind, response.headers['content-length'], signal);
  const picture = body.latest?.jpeg;
  if (picture === undefined) {
    throw new RunFailure('InvalidData', `The camera sends ${body.problem()} at this address.`);
  }
  const feed = isSingle
    ? createSnapshotFeed({
        ...options,
        ...{ http, path, first: { jpeg: picture, validators: validatorsOf(response) } },
        requestTimeoutMs: options.timeoutMs,
      })
    : createMultipartFeed(http, body);
  const fps = isSingle ? 1000 / snapshotIntervalMs(options.requestedFps()) : rateOf(body);
  return { kind: isSingle ? 'jpeg' : 'multipart', source: openPictures(feed, picture, fps), picture };
}

/** Also waits until the rate of a stream is known, if it is not slow. */
async function isSinglePicture(
  body: ResponseBody,
  kind: 'multipart' | 'jpeg',
  contentLength: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (kind === 'jpeg') {
    await body.until(
      () => body.pictures > 1,
      signal,
      contentLength === undefined ? secondPictureMs : undefined,
    );
    if (body.pictures === 1) return true;
  }
  await body.until(() => body.pictures >= measuredPictures, signal, measureMs);
  // A camera that ends the response after one part sends one picture a request.
  return body.ended && body.pictures === 1;
}

function rateOf({ pictures, firstAtMs, latest }: ResponseBody): number | null {
  const spanMs = (latest?.atMs ?? 0) - (firstAtMs ?? 0);
  if (pictures < 2 || spanMs <= 0) return null;
  return Math.min(fpsMax, Math.round(((pictures - 1) * 10_000) / spanMs) / 10);
}

function openPictures(feed: PictureFeed, picture: Buffer, fps: number | null): OpenSource {
  const header = readJpegHeader(picture);
  if (!header) {
    feed.close();
    throw new RunFailure('InvalidData', 'The camera sends pictures that cannot be read.');
  }
  const { width, height } = header;
  const reason = rtpRefusal(header);
  const facts = {
    ...{ codec: 'mjpeg', width, height, fps, hasBFrames: false, hasAudio: false },
    copyRefusal: reason === null ? null : `RTP cannot carry the pictures of the camera: ${reason}.`,
  };
  return {
    facts,
    needsRelay: 'multipart pictures have no times',
    relay: (options) => startPictureRelay(feed, { ...options, header, facts }),
    close: () => feed.close(),
  };
}
