import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type AiRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
};

/** A real HTTP server in place of an AI service, with configurable responses. Records its requests. */
export type AiServer = {
  url: string;
  port: number;
  requests: AiRequest[];
  answer(respond: (response: ServerResponse, request: AiRequest) => void): void;
  /** Closes all connections. */
  stop(): Promise<void>;
};

/** Responds with an empty array by default. Port 0 takes a free one. */
export async function startAiServer(port = 0): Promise<AiServer> {
  const requests: AiRequest[] = [];
  let respond = (response: ServerResponse, _request: AiRequest): void => answerJson(response, []);
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks),
      };
      requests.push(request);
      respond(response, request);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    answer: (next) => {
      respond = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function answerJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** The file of field `image`, parsed with the platform's parser. */
export async function imageOf({ headers, body }: AiRequest): Promise<{ name: string; bytes: Buffer }> {
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': headers['content-type'] ?? '' },
  }).formData();
  const image = form.get('image') as unknown as File;
  return { name: image.name, bytes: Buffer.from(await image.arrayBuffer()) };
}
