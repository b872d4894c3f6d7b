import { once } from 'node:events';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startChild } from '@camplane/supervisor/child-process';
import { freePorts } from '@camplane/testkit/free-port';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { createTestAuthority } from '@camplane/testkit/test-authority';
import type { TestAuthority } from '@camplane/testkit/test-authority';
import { waitUntil } from '@camplane/testkit/wait-until';
import { renderChart } from './testing/render.ts';

jest.setTimeout(60_000);

type Container = { env: { name: string; value?: string }[] };
type Rendered = { data: Record<string, string>; spec: { template: { spec: { containers: Container[] } } } };

/** MediaMTX with the configuration and variables of the rendered chart, on loopback and without a container. */
describe('the edge with tls.secretName', () => {
  const end = new AbortController();
  let folder: TemporaryFolder;
  let authority: TestAuthority;
  let ports: { rtsps: number; hls: number; webrtc: number };

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    authority = createTestAuthority(folder.path);
    mountSecret('first');
    const [rtsps = 0, hls = 0, webrtc = 0, rtsp = 0, media = 0, api = 0, metrics = 0] = await freePorts(7);
    ports = { rtsps, hls, webrtc };
    const addresses = {
      ...{ RTSPS: rtsps, HLS: hls, WEBRTC: webrtc, RTSP: rtsp, API: api, METRICS: metrics },
      ...{ WEBRTCLOCALUDP: media, WEBRTCLOCALTCP: media },
    };
    const objects = renderChart({ values: 'ci/secured-values.yaml' }) as unknown as (Rendered & {
      kind: string;
      metadata: { name: string };
    })[];
    const find = (kind: string) => {
      const found = objects.find(
        (object) => object.kind === kind && object.metadata.name === 'camplane-mediamtx',
      );
      if (!found) throw new Error(`the chart has no ${kind} of the edge`);
      return found;
    };
    const configuration = join(folder.path, 'mediamtx.yml');
    writeFileSync(configuration, find('ConfigMap').data['mediamtx.yml'] ?? '');
    const env = find('Deployment').spec.template.spec.containers[0]?.env ?? [];
    startChild({
      name: 'mediamtx',
      command: 'mediamtx',
      args: [configuration],
      environment: {
        PATH: process.env['PATH'] ?? '',
        ...Object.fromEntries(
          env.flatMap(({ name, value }) =>
            value === undefined ? [] : [[name, value.replace('/etc/camplane/tls', join(folder.path, 'tls'))]],
          ),
        ),
        ...Object.fromEntries(
          Object.entries(addresses).map(([name, port]) => [`MTX_${name}ADDRESS`, `127.0.0.1:${port}`]),
        ),
      },
      signal: end.signal,
      killAfterMs: 5_000,
    });
  });

  afterAll(async () => {
    end.abort();
    await folder?.remove();
  });

  /** Replaces the mounted folder as the kubelet does: a link to a new folder takes the place of the old one. */
  function mountSecret(name: string): void {
    const at = (file: string) => join(folder.path, 'tls', file);
    const { cert, key } = authority.issue(name);
    mkdirSync(at(`..${name}`), { recursive: true });
    writeFileSync(at(`..${name}/tls.crt`), cert);
    writeFileSync(at(`..${name}/tls.key`), key);
    symlinkSync(`..${name}`, at('..new'));
    renameSync(at('..new'), at('..data'));
    if (name === 'first') for (const file of ['tls.crt', 'tls.key']) symlinkSync(`..data/${file}`, at(file));
  }

  /** The subject of the certificate at a port, if the authority issued it. */
  async function subjectAt(port: number): Promise<unknown> {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.caPem });
    try {
      await once(socket, 'secureConnect');
      return socket.getPeerCertificate().subject.CN;
    } catch (error) {
      return String(error);
    } finally {
      socket.destroy();
    }
  }

  it('serves RTSPS, HLS and WebRTC with the mounted certificate, and with a renewed one', async () => {
    for (const name of ['first', 'renewed']) {
      if (name !== 'first') mountSecret(name);
      for (const port of Object.values(ports)) {
        await waitUntil(
          () => subjectAt(port),
          (subject) => subject === name,
          { what: `the ${name} certificate`, timeoutMs: 20_000 },
        );
      }
    }
    const plain = await fetch(`http://127.0.0.1:${ports.hls}/`).catch(() => ({ status: 'none' }));
    expect(plain.status).toBe(400);
  });
});
