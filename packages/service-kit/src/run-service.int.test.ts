import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it, jest } from '@jest/globals';

jest.setTimeout(30_000);

const program = `${import.meta.dirname}/fixtures/tiny-service.ts`;
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

type Ended = { code: number | null; signal: string | null; afterMs: number };

class TinyService {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  output = '';
  signalledAt = performance.now();

  constructor(env: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [program], { env: { PATH: process.env.PATH, ...env } });
    running.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      running.delete(this.child);
      return {
        code: code as number | null,
        signal: signal as string | null,
        afterMs: performance.now() - this.signalledAt,
      };
    });
  }

  async says(text: string): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!this.output.includes(text)) {
      if (performance.now() > deadline) throw new Error(`did not say "${text}" but:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  signal(name: NodeJS.Signals): Promise<Ended> {
    this.signalledAt = performance.now();
    this.child.kill(name);
    return this.ended;
  }

  get url(): string {
    return /listening (\S+)/.exec(this.output)?.[1] ?? '';
  }
}

describe('a service', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('stops in order and exits 0 on %s', async (signal) => {
    const service = new TinyService();
    await service.says('started');
    const { code } = await service.signal(signal);
    expect(code).toBe(0);
    expect(service.output.indexOf('stop http')).toBeGreaterThan(-1);
    expect(service.output.indexOf('stop first')).toBeGreaterThan(service.output.indexOf('stop http'));
  });

  it('stops what it had opened when it is signalled during its start', async () => {
    const service = new TinyService({ START_MS: '60000' });
    await service.says('listening');
    const { code, afterMs } = await service.signal('SIGTERM');
    expect(code).toBe(0);
    expect(afterMs).toBeLessThan(2_000);
    expect(service.output).toContain('stop http');
    expect(service.output).not.toContain('started');
  });

  it('stops within 5 s though its start does not heed the signal', async () => {
    const service = new TinyService({ START_MS: '60000', MISBEHAVE: 'ignore-abort' });
    await service.says('listening');
    const { code, afterMs } = await service.signal('SIGTERM');
    expect(code).toBe(1);
    expect(afterMs).toBeLessThan(5_000);
    expect(service.output).toContain('stop http');
  });

  it('exits 1 at the deadline of 5 s when a step hangs, and names the step', async () => {
    const service = new TinyService({ STOP_MS: '60000' });
    await service.says('started');
    const { code, afterMs } = await service.signal('SIGTERM');
    expect(code).toBe(1);
    expect(afterMs).toBeGreaterThan(4_000);
    expect(afterMs).toBeLessThan(5_000);
    expect(service.output).toContain('"step":"http"');
    expect(service.output).toContain('stop first');
  });

  it('exits at once on a second signal', async () => {
    const service = new TinyService({ STOP_MS: '60000' });
    await service.says('started');
    service.child.kill('SIGTERM');
    await service.says('stopping');
    const { code, afterMs } = await service.signal('SIGINT');
    expect(code).toBe(130);
    expect(afterMs).toBeLessThan(1_000);
  });

  it('goes by any signal, at any moment of its start, within 5 s', async () => {
    for (const delayMs of [0, 40, 80, 120, 160, 200, 260, 320, 400]) {
      const service = new TinyService({ START_MS: '50' });
      await once(service.child, 'spawn');
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const { code, signal, afterMs } = await service.signal('SIGTERM');
      // Before the handlers are in place the signal itself ends the process; nothing has been opened by then.
      expect(code === 0 || signal === 'SIGTERM').toBe(true);
      if (signal === 'SIGTERM') expect(service.output).not.toContain('listening');
      expect(afterMs).toBeLessThan(5_000);
    }
  });

  it('closes connections that stay open, within its deadline', async () => {
    const service = new TinyService();
    await service.says('started');
    const response = await fetch(`${service.url}/endless`);
    const { code, afterMs } = await service.signal('SIGTERM');
    expect(code).toBe(0);
    expect(afterMs).toBeLessThan(4_000);
    await expect(response.text()).rejects.toThrow();
  });

  it('is not ready before it has started, and ready then', async () => {
    const service = new TinyService({ START_MS: '400' });
    await service.says('listening');
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
    await service.says('started');
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    await service.signal('SIGTERM');
  });

  it('prints everything that is wrong with its environment and exits 1', async () => {
    const service = new TinyService({ HTTP_PORT: 'eighty', CAMPLANE_STRAT_MS: '1' });
    expect((await service.ended).code).toBe(1);
    expect(service.output).toContain('tiny-service cannot start:');
    expect(service.output).toContain('HTTP_PORT must be a port, 0 to 65535, but is "eighty"');
    expect(service.output).toContain('CAMPLANE_STRAT_MS is not a known variable: did you mean START_MS?');
  });

  it('names the variable when its port is taken, without a stack, and exits 1', async () => {
    const first = new TinyService();
    await first.says('started');
    const { port } = new URL(first.url);
    const second = new TinyService({ HTTP_PORT: port });
    expect((await second.ended).code).toBe(1);
    expect(second.output).toContain(`port ${port} is taken by another program: stop it or set HTTP_PORT`);
    expect(second.output).not.toContain('"stack"');
    expect(second.output).toContain('stop first');
    await first.signal('SIGTERM');
  });

  it.each([
    ['fail-start', 'the start failed on purpose'],
    ['throw-later', 'thrown on purpose'],
    ['reject-later', 'rejected on purpose'],
  ])('logs, stops in order and exits 1 on %s', async (misbehaviour, message) => {
    const service = new TinyService({ MISBEHAVE: misbehaviour });
    expect((await service.ended).code).toBe(1);
    expect(service.output).toContain(message);
    expect(service.output).toContain('stop http');
    expect(service.output).toContain('stop first');
  });

  it('shows no password in its log', async () => {
    const service = new TinyService();
    await service.says('is up');
    await service.signal('SIGTERM');
    expect(service.output).not.toContain('hunter2');
  });
});
