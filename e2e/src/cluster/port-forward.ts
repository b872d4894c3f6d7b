import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { findKubernetesProgram } from '@camplane/testkit/kubernetes-programs';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { CamplaneCluster } from './camplane-cluster.ts';

/** `kubectl port-forward service/SERVICE PORTS` until it is stopped; each port is the same on both sides. */
export async function forwardPorts(
  { cluster }: CamplaneCluster,
  { namespace, service, ports }: { namespace: string; service: string; ports: string[] },
): Promise<{ stop(): Promise<void> }> {
  const program = await findKubernetesProgram('kubectl');
  const where = ['--kubeconfig', cluster.kubeConfigFile, '--namespace', namespace];
  const child = spawn(program, [...where, 'port-forward', `service/${service}`, ...ports], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let hasEnded = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = once(child, 'close').then(() => (hasEnded = true));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    await waitUntil(
      () => ({ output, hasEnded }),
      (now) =>
        now.hasEnded || (now.output.match(/^Forwarding from 127\.0\.0\.1:/gm) ?? []).length === ports.length,
      { what: `ports of ${service} are forwarded`, timeoutMs: 60_000 },
    );
    if (hasEnded) throw new Error(`kubectl port-forward ended: ${output}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

/** A node port that is free on this machine. */
export async function freeNodePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = 31_000 + Math.floor(Math.random() * 1_700);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error('no free node port found');
}
