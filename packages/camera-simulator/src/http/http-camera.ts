import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { LoginDeviation } from '../rtsp/deviation.ts';
import { createLoginCheck } from '../rtsp/login-check.ts';

export type HttpCamera = {
  /** Without user information. */
  readonly url: string;
  readonly port: number;
  /** Requests received since the start. */
  requests(): number;
  stop(): Promise<void>;
};

/** Serves one address of a camera, with its login. */
export async function startHttpCamera(options: {
  path: string;
  login?: LoginDeviation | undefined;
  port?: number | undefined;
  host?: string | undefined;
  serve: RequestListener;
}): Promise<HttpCamera> {
  const check = createLoginCheck(options.login);
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    response.on('error', () => undefined);
    const { method = 'GET', headers } = request;
    const challenges = check({ method, authorization: headers.authorization });
    if (challenges === null) options.serve(request, response);
    else response.writeHead(401, { 'WWW-Authenticate': challenges }).end();
  });
  const port = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  return {
    url: `http://127.0.0.1:${port}${options.path}`,
    port,
    requests: () => requests,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
