import type { IncomingMessage } from 'node:http';
import { onAbort } from '@camplane/runtime/abort';
import { asError } from '@camplane/runtime/as-error';
import { classifyResponse, verdictBytes } from './http-kind.ts';
import type { HttpVerdict } from './http-kind.ts';
import { createMultipartJpegs, pictureMaxBytes } from './multipart-jpegs.ts';

/** The body of a response while it arrives. Only its start and its latest picture are kept. */
export type ResponseBody = {
  readonly verdict: HttpVerdict;
  readonly bytes: number;
  readonly pictures: number;
  readonly dropped: number;
  /** The first picture and the latest, with the times of their arrival. */
  readonly latest: { jpeg: Buffer; atMs: number } | null;
  readonly firstAtMs: number | null;
  readonly ended: boolean;
  /** Why it was interrupted. */
  readonly error: unknown;
  problem(): string;
  /** Resolves when the condition holds, the body has ended or the time is over. Rejects when the signal is aborted. */
  until(condition: () => boolean, signal: AbortSignal, timeoutMs?: number): Promise<void>;
  /** Passes on each further chunk's size and each further picture. */
  follow(listener: BodyListener): void;
  /** Closes the connection if the body has not ended. */
  close(): void;
};

export type BodyListener = {
  bytes(count: number): void;
  picture(jpeg: Buffer): void;
  end(error: unknown): void;
};

/** Bytes after which a body without a picture is refused. */
const emptyMaxBytes = pictureMaxBytes + 1024 * 1024;

export function readResponseBody(response: IncomingMessage, path: string): ResponseBody {
  const contentType = response.headers['content-type'] ?? null;
  const waiters = new Set<() => void>();
  let start = Buffer.alloc(0);
  let verdict = classifyResponse({ contentType, path, start, ended: false });
  let bytes = 0;
  let pictures = 0;
  let dropped = 0;
  let latest: { jpeg: Buffer; atMs: number } | null = null;
  let firstAtMs: number | null = null;
  let ended = false;
  let failure: unknown;
  let listener: BodyListener | null = null;

  const parts = createMultipartJpegs({
    onPicture(jpeg) {
      latest = { jpeg, atMs: performance.now() };
      firstAtMs ??= latest.atMs;
      pictures += 1;
      listener?.picture(jpeg);
    },
    onDropped: () => (dropped += 1),
  });
  const wake = () => waiters.forEach((waiter) => waiter());
  const end = (error?: unknown) => {
    if (ended) return;
    ended = true;
    failure = error;
    verdict ??= classifyResponse({ contentType, path, start, ended });
    listener?.end(error);
    wake();
  };
  response
    .on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (verdict === null) {
        start = Buffer.concat([start, chunk.subarray(0, verdictBytes)]);
        verdict = classifyResponse({ contentType, path, start, ended });
      }
      listener?.bytes(chunk.length);
      parts.push(chunk);
      if (pictures === 0 && bytes > emptyMaxBytes) response.destroy();
      wake();
    })
    .on('end', () => end())
    .on('error', end)
    .on('close', () => end());

  return {
    get verdict() {
      return verdict;
    },
    get bytes() {
      return bytes;
    },
    get pictures() {
      return pictures;
    },
    get dropped() {
      return dropped;
    },
    get latest() {
      return latest;
    },
    get firstAtMs() {
      return firstAtMs;
    },
    get ended() {
      return ended;
    },
    get error() {
      return failure;
    },
    problem: () => parts.problem(),
    until(condition, signal, timeoutMs) {
      return new Promise((resolve, reject) => {
        const check = () => {
          if (condition() || ended) finish(resolve);
        };
        const timer = timeoutMs === undefined ? undefined : setTimeout(() => finish(resolve), timeoutMs);
        const removeListener = onAbort(signal, () => finish(() => reject(asError(signal.reason))));
        function finish(settle: () => void): void {
          clearTimeout(timer);
          removeListener?.();
          waiters.delete(check);
          settle();
        }
        waiters.add(check);
        check();
      });
    },
    follow(next) {
      listener = next;
      if (ended) next.end(failure);
    },
    close() {
      if (!ended) response.destroy();
    },
  };
}
