import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { TestPostgres } from './postgres.ts';
import { startPostgres } from './postgres.ts';
import { assertNoDescendants, isAlive } from './processes.ts';

jest.setTimeout(60_000);

let server: TestPostgres | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await assertNoDescendants(process.pid);
});

/** The response to an SSLRequest (protocol 3.0, section 55.2.10): one byte, `N` without TLS. */
async function answerOf(url: string): Promise<string> {
  const { port } = new URL(url);
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  try {
    socket.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]));
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(1000) })) as [Buffer];
    return answer.toString('latin1');
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

describe('startPostgres', () => {
  it('responds, is silent while paused, and restarts after a kill', async () => {
    server = await startPostgres();
    expect(await answerOf(server.url)).toBe('N');
    await server.pause();
    await expect(answerOf(server.url)).rejects.toThrow();
    await server.resume();
    expect(await answerOf(server.url)).toBe('N');
    const { pid } = server;
    await server.kill();
    expect(await isAlive(pid)).toBe(false);
    await expect(answerOf(server.url)).rejects.toThrow();
    await server.restart();
    expect(await answerOf(server.url)).toBe('N');
  });
});
