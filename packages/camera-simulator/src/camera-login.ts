import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

export type CameraCredentials = { username: string; password: string };

/** Characters that MediaMTX accepts in its configuration; cameras also accept spaces, colons and quotes. */
const plain = /^[A-Za-z0-9!$()*+.;<=>[\]^_\-",@#&]+$/;

export function isPlainLogin({ username, password }: CameraCredentials): boolean {
  return plain.test(username) && plain.test(password);
}

/** MediaMTX 1.20 splits a basic login at every colon, so it refuses passwords that contain one. */
export function checkLogin({ username, password }: CameraCredentials): void {
  if (username.includes(':') || password.includes(':')) {
    throw new RangeError('a simulated camera cannot have a colon in its user or password');
  }
}

/** Serves MediaMTX's authentication hook for one camera whose login MediaMTX cannot store. */
export async function startCameraLogin(
  current: () => CameraCredentials | null,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    text(request)
      .then((body) => {
        const asked = JSON.parse(body) as { action: string; user: string; password: string };
        const login = current();
        const allowed =
          asked.action === 'publish' ||
          login === null ||
          (asked.user === login.username && asked.password === login.password);
        response.writeHead(allowed ? 200 : 401).end();
      })
      .catch(() => response.writeHead(400).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
