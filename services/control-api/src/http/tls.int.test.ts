import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { writeTestCertificate } from '@camplane/testkit/test-certificate';
import type { TestCertificate } from '@camplane/testkit/test-certificate';
import { WebSocket } from 'ws';
import { adminPassword, eventually, runApi } from '../testing/running-api.ts';
import type { RunningApi, RunningApiConfig } from '../testing/running-api.ts';

jest.setTimeout(60_000);

let folder: TemporaryFolder;
let certificate: TestCertificate;
const running: RunningApi[] = [];
const agents: Agent[] = [];

beforeEach(async () => {
  folder = await createTemporaryFolder();
  certificate = writeTestCertificate(folder.path);
});

afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  await Promise.all(running.splice(0).map((api) => api.stop()));
  await folder.remove();
});

async function start(config: Partial<RunningApiConfig> = {}): Promise<RunningApi> {
  const { certFile, keyFile } = certificate;
  const api = await runApi({ dataDir: folder.path, tls: { certFile, keyFile }, ...config });
  running.push(api);
  return api;
}

/** The test certificate has no name: that it is the trusted one is what matters here. */
const trusting = ({ cert }: TestCertificate) => ({ ca: cert, checkServerIdentity: () => undefined });
/** In ws the function returns whether to refuse. */
const trustingSocket = ({ cert }: TestCertificate) => ({ ca: cert, checkServerIdentity: () => false });

function newAgent(trusted: TestCertificate): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ...trusting(trusted) });
  agents.push(agent);
  return agent;
}

async function send(
  api: RunningApi,
  agent: Agent,
  { method = 'GET', path = '/healthz', body }: { method?: string; path?: string; body?: object } = {},
): Promise<{ status: number | undefined; cookies: string[]; socket: TLSSocket }> {
  const headers = { 'content-type': 'application/json' };
  const sending = request(`${api.url}${path}`, { method, agent, headers });
  sending.end(body && JSON.stringify(body));
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  const cookies = response.headers['set-cookie'] ?? [];
  return { status: response.statusCode, cookies, socket: response.socket as TLSSocket };
}

describe('TLS', () => {
  it('serves the API and events over HTTPS alone, with a secure cookie', async () => {
    const api = await start({ auth: 'local' });
    expect(api.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const agent = newAgent(certificate);
    const login = { username: 'admin', password: adminPassword };
    const path = operations.createSession.path;
    const { status, cookies } = await send(api, agent, { method: 'POST', path, body: login });
    expect(status).toBe(201);
    expect(cookies.join()).toMatch(/^__Host-camplane-session=.*; Secure$/);

    const events = new WebSocket(api.url.replace('https', 'wss') + operations.followEvents.path, {
      ...trustingSocket(certificate),
      headers: { cookie: cookies[0]?.split(';', 1)[0] },
    });
    await once(events, 'open');
    events.terminate();
    await expect(fetch(api.url.replace('https', 'http'))).rejects.toThrow();
  });

  it('refuses versions before 1.2', async () => {
    const { port } = new URL((await start()).url);
    const socket = connect({
      ...{ port: Number(port), host: '127.0.0.1', ...trusting(certificate) },
      ...{ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
    });
    await expect(once(socket, 'secureConnect')).rejects.toThrow(/alert|protocol/i);
  });

  it('loads replaced files for new connections and keeps those that are open', async () => {
    const api = await start();
    const old = newAgent(certificate);
    const { socket } = await send(api, old);
    const events = new WebSocket(
      api.url.replace('https', 'wss') + operations.followEvents.path,
      trustingSocket(certificate),
    );
    await once(events, 'open');

    const replaced = writeTestCertificate(folder.path);
    await eventually(async () => {
      expect((await send(api, newAgent(replaced))).status).toBe(200);
    });
    expect((await send(api, old)).socket).toBe(socket);
    expect(events.readyState).toBe(WebSocket.OPEN);
    events.ping();
    await once(events, 'pong');
    events.terminate();
    await expect(send(api, newAgent(certificate))).rejects.toThrow(/self-signed|unable to verify|signature/);
    expect(api.logged()).toContain('TLS certificate reloaded');
  });

  it.each<[string, (files: TestCertificate) => void]>([
    ['are not PEM', ({ certFile }) => writeFileSync(certFile, 'canary-not-a-certificate')],
    [
      'do not belong together',
      ({ keyFile, certFile, cert }) => {
        writeTestCertificate(folder.path);
        writeFileSync(certFile, cert);
        expect(keyFile).toContain(folder.path);
      },
    ],
  ])('keeps the last pair, and logs once, if the new files %s', async (_what, damage) => {
    const api = await start();
    damage(certificate);
    const warnings = () => api.logged().match(/TLS certificate invalid/g)?.length ?? 0;
    await eventually(() => expect(warnings()).toBe(1));
    expect((await send(api, newAgent(certificate))).status).toBe(200);
    expect(api.logged()).not.toContain('canary');

    // Repaired.
    const repaired = writeTestCertificate(folder.path);
    await eventually(async () => {
      expect((await send(api, newAgent(repaired))).status).toBe(200);
    });
    expect(warnings()).toBe(1);
  });

  it('does not start without valid files, and names them', async () => {
    const { certFile, keyFile } = certificate;
    await expect(start({ tls: { certFile: `${certFile}.absent`, keyFile } })).rejects.toThrow(
      /TLS_CERT_FILE cannot be read: ENOENT/,
    );
    await expect(start({ tls: { certFile, keyFile: certFile } })).rejects.toThrow(
      /\(TLS_CERT_FILE\).*\(TLS_KEY_FILE\) are not a certificate and its key/,
    );
  });
});
