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

  async waitForOutput(text: string): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!this.output.includes(text)) {
      if (performance.now() > deadline)
        throw new Error(`expected the output "${text}", got:\n${this.output}`);
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
    await service.waitForOutput('started');
    const { code } = await service.signal(signal);
    expect(code).toBe(0);
    expect(service.output.indexOf('stop http')).toBeGreaterThan(-1);
    expect(service.output.indexOf('stop first')).toBeGreaterThan(service.output.indexOf('stop http'));
  });

  it('closes what it opened if signalled during the start', async () => {
    const service = new TinyService({ START_MS: '60000' });
    await service.waitForOutput('listening');
    const { code, afterMs } = await service.signal('SIGTERM');
    expect(code).toBe(0);
    expect(afterMs).toBeLessThan(2_000);
    expect(service.output).toContain('stop http');
    expect(service.output).not.toContain('started');
  });

  it('exits within 5 s even if its start ignores the abort signal', async () => {
    const service = new TinyService({ START_MS: '60000', MISBEHAVE: 'ignore-abort' });
    await service.waitForOutput('listening');
    const { code, afterMs } = await service.signal('SIGTERM');
    expect(code).toBe(1);
    expect(afterMs).toBeLessThan(5_000);
    expect(service.output).toContain('stop http');
  });

  it('exits 1 at the deadline and names the step that hangs', async () => {
    const service = new TinyService({ STOP_MS: '60000' });
    await service.waitForOutput('started');
    const { code, afterMs } = await service.signal('SIGTERM');
    expect(code).toBe(1);
    expect(afterMs).toBeGreaterThan(4_000);
    expect(afterMs).toBeLessThan(5_000);
    expect(service.output).toContain('"step":"http"');
    expect(service.output).toContain('stop first');
  });

  it('exits at once on a second signal', async () => {
    const service = new TinyService({ STOP_MS: '60000' });
    await service.waitForOutput('started');
    service.child.kill('SIGTERM');
    await service.waitForOutput('stopping');
    const { code, afterMs } = await service.signal('SIGINT');
    expect(code).toBe(130);
    expect(afterMs).toBeLessThan(1_000);
  });

  it('exits within 5 s of a signal at any moment of its start', async () => {
    for (const delayMs of [0, 40, 80, 120, 160, 200, 260, 320, 400]) {
      const service = new TinyService({ START_MS: '50' });
      await once(service.child, 'spawn');
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const { code, signal, afterMs } = await service.signal('SIGTERM');
      // Before the handlers are installed the signal kills the process; nothing is open by then.
      expect(code === 0 || signal === 'SIGTERM').toBe(true);
      if (signal === 'SIGTERM') expect(service.output).not.toContain('listening');
      expect(afterMs).toBeLessThan(5_000);
    }
  });

  it('closes open connections within the deadline', async () => {
    const service = new TinyService();
    await service.waitForOutput('started');
    const response = await fetch(`${service.url}/endless`);
    const { code, afterMs } = await service.signal('SIGTERM');
    expect(code).toBe(0);
    expect(afterMs).toBeLessThan(4_000);
    await expect(response.text()).rejects.toThrow();
  });

  it('is ready only once it has started', async () => {
    const service = new TinyService({ START_MS: '400' });
    await service.waitForOutput('listening');
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
    await service.waitForOutput('started');
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    await service.signal('SIGTERM');
  });

  it('prints every problem of its environment and exits 1', async () => {
    const service = new TinyService({ HTTP_PORT: 'eighty', CAMPLANE_STRAT_MS: '1' });
    expect((await service.ended).code).toBe(1);
    expect(service.output).toContain('tiny-service cannot start:');
    expect(service.output).toContain('HTTP_PORT must be a port, 0 to 65535, but is "eighty"');
    expect(service.output).toContain('CAMPLANE_STRAT_MS is not a known variable: did you mean START_MS?');
  });

  it('names the variable of a taken port, without a stack trace, and exits 1', async () => {
    const first = new TinyService();
    await first.waitForOutput('started');
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

  it('does not log a password', async () => {
    const service = new TinyService();
    await service.waitForOutput('is up');
    await service.signal('SIGTERM');
    expect(service.output).not.toContain('hunter2');
  });
});
