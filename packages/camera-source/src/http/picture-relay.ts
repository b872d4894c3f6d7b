import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { onAbort } from '@camplane/runtime/abort';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { RelayOptions, SourceRelay } from '../open-source.ts';
import { readJpegHeader, withCompleteTables } from './jpeg-headers.ts';
import type { JpegHeader } from './jpeg-headers.ts';
import { matroskaHead, matroskaPicture } from './matroska.ts';
import type { SourceFacts } from '../source-facts.ts';
import type { PictureFeed } from './picture-feed.ts';

const activityIntervalMs = 250;
/** For the rate that the report states. */
const arrivalsMax = 30;
/** Stated where the camera sends so rarely that its rate is not known yet. */
const slowFps = 1;

/**
 * Serves the pictures of a feed to one client at a time on loopback, as Matroska with the time of each picture's arrival. A client
 * that reads slowly gets the latest picture, not all of them.
 */
export async function startPictureRelay(
  feed: PictureFeed,
  { header, facts, onActivity, signal }: RelayOptions & { header: JpegHeader; facts: SourceFacts },
): Promise<SourceRelay> {
  signal.throwIfAborted();
  const secret = `/${randomBytes(16).toString('hex')}`;
  const ending = new AbortController();
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<RunFailure>();
  const observed = observePictures();
  const output = createOutput(matroskaHead({ ...header, fps: facts.fps ?? slowFps }));
  let nextActivityMs = 0;

  const server = createServer((request, response) => {
    if (request.url !== secret || !output.accepts()) {
      response.writeHead(404).end();
      return;
    }
    response.socket?.setNoDelay();
    output.connect(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');

  const end = (failure: RunFailure) => {
    resolveEnded(failure);
    ending.abort();
    output.end();
  };
  feed.start(
    {
      activity(bytes) {
        const nowMs = performance.now();
        observed.bytes(bytes, nowMs);
        if (nowMs < nextActivityMs) return;
        nextActivityMs = nowMs + activityIntervalMs;
        onActivity();
      },
      picture(jpeg) {
        const nowMs = performance.now();
        const found = readJpegHeader(jpeg);
        // A broken picture would only confuse the decoder.
        if (!found) return;
        if (found.width !== header.width || found.height !== header.height) {
          return end(new RunFailure('Ended', `The picture size changed to ${found.width}×${found.height}.`));
        }
        observed.picture(nowMs);
        output.send(withCompleteTables(jpeg, found), nowMs);
      },
      end,
    },
    ending.signal,
  );

  async function close(): Promise<void> {
    removeListener();
    ending.abort();
    feed.close();
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
  const removeListener = onAbort(signal, () => void close());

  return {
    url: `http://127.0.0.1:${address.port}${secret}`,
    format: 'matroska',
    facts,
    hasAudio: false,
    report: observed.report,
    ended,
    close,
  };
}

type Picture = { jpeg: Buffer; atMs: number };

/** The one client at a time, and the picture that waits for it. */
function createOutput(head: Buffer) {
  let client: ServerResponse | null = null;
  let isBusy = false;
  let waiting: Picture | null = null;
  let latest: Picture | null = null;
  let originMs: number | null = null;
  let lastMs = -1;

  function write(picture: Picture): void {
    const { jpeg, atMs } = picture;
    latest = picture;
    originMs ??= atMs;
    lastMs = Math.max(lastMs + 1, Math.round(atMs - originMs));
    isBusy = client?.write(matroskaPicture(jpeg, lastMs)) === false;
  }

  function sendWaiting(): void {
    isBusy = false;
    const next = waiting;
    waiting = null;
    if (next) write(next);
  }

  return {
    accepts: () => client === null,
    connect(response: ServerResponse): void {
      client = response;
      waiting ??= latest;
      originMs = null;
      lastMs = -1;
      response
        .on('error', () => undefined)
        .on('drain', sendWaiting)
        .on('close', () => (client = null));
      response.writeHead(200, { 'Content-Type': 'video/x-matroska' });
      response.write(head);
      sendWaiting();
    },
    send(jpeg: Buffer, atMs: number): void {
      if (client === null || isBusy) waiting = { jpeg, atMs };
      else write({ jpeg, atMs });
    },
    end(): void {
      client?.end();
    },
  };
}

function observePictures() {
  let bytes = 0;
  let pictures = 0;
  let lastActivityMs: number | null = null;
  let arrivalsMs: number[] = [];
  return {
    bytes(count: number, nowMs: number): void {
      bytes += count;
      lastActivityMs = nowMs;
    },
    picture(nowMs: number): void {
      pictures += 1;
      lastActivityMs = nowMs;
      arrivalsMs = [...arrivalsMs.slice(1 - arrivalsMax), nowMs];
    },
    report: () => {
      const intervalMs = meanInterval(arrivalsMs);
      return {
        bytes,
        pictures,
        keyFrames: pictures,
        lastActivityMs,
        fps: intervalMs === null ? null : Math.round(10_000 / intervalMs) / 10,
        keyFrameIntervalMs: intervalMs,
        hasBFrames: false,
        audioPackets: 0,
        timestampJumps: 0,
      };
    },
  };
}

function meanInterval(arrivalsMs: readonly number[]): number | null {
  const spanMs = (arrivalsMs.at(-1) ?? 0) - (arrivalsMs[0] ?? 0);
  return spanMs > 0 ? spanMs / (arrivalsMs.length - 1) : null;
}
