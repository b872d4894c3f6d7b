import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

export type HttpAnswer = { status: number; headers: IncomingHttpHeaders; text: string };
export type HttpCall = {
  method: string;
  path: string;
  headers: Record<string, string>;
  localAddress?: string;
  body?: unknown;
};

/** An HTTP client that reuses connections, for thousands of requests. */
export function createHttpClient(url: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });

  const call = ({ method, path, headers, localAddress, body }: HttpCall): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const ofBody =
        text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const sent = request(
        `${url}${path}`,
        {
          method,
          agent,
          headers: { ...headers, ...ofBody },
          ...(localAddress === undefined ? {} : { localAddress }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(text);
    });

  return { call, close: () => agent.destroy() };
}

/** Runs a task for each item, a bounded number at a time. */
export async function forEachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of queue) await task(item);
    }),
  );
}
