import type { IncomingMessage } from 'node:http';
import { pause } from '@camplane/runtime/pause';
import type { Clock } from '@camplane/runtime/clock';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { CameraHttp } from './camera-http.ts';
import { drain } from './camera-http.ts';
import { httpConnectionFailure, httpRefusal } from './http-failure.ts';
import type { PictureFeed, PictureListener } from './picture-feed.ts';
import { readResponseBody } from './response-body.ts';

/** Requests per second. Many cameras encode each picture on request, which limits the rate. */
export const snapshotFpsMax = 5;
export const snapshotFpsMin = 0.2;

/** Failed requests in a row until the feed ends; the delays between them, and for a camera that says when to return. */
const failuresMax = 3;
const backoffMs = 500;
const retryAfterMaxMs = 10_000;

export type Validators = { etag: string | null; lastModified: string | null };

export function validatorsOf({ headers }: IncomingMessage): Validators {
  return { etag: headers.etag ?? null, lastModified: headers['last-modified'] ?? null };
}

/** The headers of a conditional request (RFC 9110, section 13.1). */
export function conditionalHeaders({ etag, lastModified }: Validators): Record<string, string> {
  return {
    ...(etag === null ? {} : { 'If-None-Match': etag }),
    ...(lastModified === null ? {} : { 'If-Modified-Since': lastModified }),
  };
}

export function snapshotIntervalMs(requestedFps: number): number {
  return 1000 / Math.min(snapshotFpsMax, Math.max(snapshotFpsMin, requestedFps));
}

/** `Retry-After` in milliseconds (RFC 9110, 10.2.3), at most ten seconds; null if absent or not understood. */
export function retryAfterMs(value: string | undefined, epochMs: number): number | null {
  if (value === undefined) return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - epochMs;
  return Number.isFinite(ms) ? Math.min(retryAfterMaxMs, Math.max(0, ms)) : null;
}

export type SnapshotFeedOptions = {
  http: CameraHttp;
  path: string;
  /** The picture that showed that this is an address of pictures. */
  first: { jpeg: Buffer; validators: Validators };
  /** Requests per second; read before each request. */
  requestedFps(): number;
  requestTimeoutMs: number;
  clock: Clock;
  random(): number;
};

/** Requests a camera's picture again and again. A picture that did not change is repeated: the camera is alive. */
export function createSnapshotFeed(options: SnapshotFeedOptions): PictureFeed {
  const ending = new AbortController();
  return {
    start(listener, signal) {
      void poll(options, listener, AbortSignal.any([signal, ending.signal]));
    },
    close() {
      ending.abort();
      options.http.close();
    },
  };
}

async function poll(
  options: SnapshotFeedOptions,
  listener: PictureListener,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = options;
  let latest = options.first;
  let failures = 0;
  listener.picture(latest.jpeg);
  let dueMs = clock.now() + snapshotIntervalMs(options.requestedFps());
  while (!signal.aborted) {
    await pause(Math.max(0, dueMs - clock.now()), clock, signal);
    if (signal.aborted) return;
    const startedMs = clock.now();
    try {
      latest = await requestPicture(options, latest, listener, signal);
      if (signal.aborted) return;
      failures = 0;
      listener.picture(latest.jpeg);
      // A slow camera is requested again at once, but never twice at a time.
      dueMs = startedMs + snapshotIntervalMs(options.requestedFps());
    } catch (error) {
      if (signal.aborted) return;
      const failure = httpConnectionFailure(error);
      failures += 1;
      if (failures >= failuresMax || failure.kind === 'CredentialsRefused') return listener.end(failure);
      const delayMs = backoffMs * 2 ** (failures - 1) * (1 + options.random() * 0.25);
      dueMs = clock.now() + (error instanceof BusyFailure ? (error.retryAfterMs ?? delayMs) : delayMs);
    }
  }
}

class BusyFailure extends RunFailure {
  readonly retryAfterMs: number | null;

  constructor(refusal: RunFailure, delayMs: number | null) {
    super(refusal.kind, refusal.message);
    this.retryAfterMs = delayMs;
  }
}

async function requestPicture(
  { http, path, requestTimeoutMs }: SnapshotFeedOptions,
  latest: SnapshotFeedOptions['first'],
  listener: PictureListener,
  outer: AbortSignal,
): Promise<SnapshotFeedOptions['first']> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(lateAnswer(requestTimeoutMs)), requestTimeoutMs);
  const signal = AbortSignal.any([outer, deadline.signal]);
  try {
    const answer = await http.get(conditionalHeaders(latest.validators), signal);
    const { response } = answer;
    const refusal = httpRefusal(answer);
    if (refusal || response.statusCode === 304) {
      await drain(response);
      if (!refusal) return latest;
      throw new BusyFailure(refusal, retryAfterMs(response.headers['retry-after'], Date.now()));
    }
    const body = readResponseBody(response, path);
    await body.until(() => false, signal);
    listener.activity(body.bytes);
    if (!body.latest)
      throw new RunFailure('InvalidData', `The camera sends ${body.problem()} at this address.`);
    return { jpeg: body.latest.jpeg, validators: validatorsOf(response) };
  } catch (error) {
    throw deadline.signal.aborted ? lateAnswer(requestTimeoutMs) : error;
  } finally {
    clearTimeout(timer);
  }
}

function lateAnswer(timeoutMs: number): RunFailure {
  return new RunFailure('TimedOut', `The camera did not send a picture within ${timeoutMs / 1000} s.`);
}
