import { once } from 'node:events';
import { createServer } from 'node:http';

/** An AI service that finds the same object in each frame, so that each frame that reaches detection is an event. */
export async function startAiService(): Promise<{ url: string; stop(): Promise<void> }> {
  const found = [{ label: 'frame', confidence: 1, boundingBox: { x: 0.1, y: 0.1, width: 0.5, height: 0.5 } }];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(found));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
