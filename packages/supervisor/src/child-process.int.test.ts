import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ChildOptions } from './child-process.ts';
import { startChild } from './child-process.ts';

function start(options: Partial<ChildOptions> & { args: readonly string[]; command?: string }) {
  return startChild({
    name: 'test',
    command: 'bash',
    signal: new AbortController().signal,
    ...options,
  });
}

/** Collects a child's standard output; `seen` resolves with the first match of `pattern`. */
function outputWith(pattern: RegExp) {
  const { promise, resolve } = Promise.withResolvers<RegExpExecArray>();
  let text = '';
  const stdout = (chunk: Buffer) => {
    text += chunk.toString();
    const match = pattern.exec(text);
    if (match) resolve(match);
  };
  return { stdout, seen: promise };
}

/** Whether the process exists and is not a zombie. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

async function isGoneWithin(pid: number, deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (await isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await delay(10);
  }
  return true;
}

describe('startChild', () => {
  it('returns output, exit code and the last lines of standard error', async () => {
    let output = '';
    const child = start({
      args: ['-c', 'echo out; echo one >&2; echo two >&2; exit 3'],
      stdout: (chunk) => (output += chunk.toString()),
    });
    expect(await child.ended).toMatchObject({ kind: 'exited', code: 3, stderrTail: ['one', 'two'] });
    expect(output).toBe('out\n');
  });

  it('limits the memory and the processor time of a child', async () => {
    const limits = { memoryBytes: 256 * 1024 * 1024, cpuSeconds: 1 };
    const allocate = 'let s = new Uint8Array(1 << 30).fill(1); console.log(s.length)';
    const greedy = start({ command: process.execPath, args: ['-e', allocate], limits });
    expect(await greedy.ended).not.toMatchObject({ kind: 'exited', code: 0 });
    const busy = start({ args: ['-c', 'while :; do :; done'], limits });
    expect(await busy.ended).toMatchObject({ kind: 'signalled' });
    const modest = start({ args: ['-c', 'exit 3'], limits });
    expect(await modest.ended).toMatchObject({ kind: 'exited', code: 3 });
    const missing = start({ command: '/no/such/program', args: [], limits });
    expect(await missing.ended).toMatchObject({
      kind: 'spawn-failed',
      message: expect.stringContaining('no/such'),
    });
  });

  it('stops a child that uses more of the processors than allowed, and no other', async () => {
    const limits = { memoryBytes: 2 ** 30, processor: { coresMax: 0.1, windowMs: 600 } };
    const calm = new AbortController();
    const idle = start({ args: ['-c', 'sleep 60'], limits, signal: calm.signal });
    const busy = start({ args: ['-c', 'echo spins >&2; while :; do :; done'], limits });
    expect(await busy.ended).toMatchObject({
      kind: 'processor-exceeded',
      coresMax: 0.1,
      windowMs: 600,
      stderrTail: ['spins'],
    });
    calm.abort();
    expect(await idle.ended).toMatchObject({ kind: 'stopped' });
  });

  it('stops a child with SIGTERM on abort', async () => {
    const end = new AbortController();
    const { stdout, seen } = outputWith(/ready/);
    const child = start({
      args: ['-c', "trap 'echo term >&2; exit 0' TERM; echo ready; while :; do sleep 0.05; done"],
      stdout,
      signal: end.signal,
    });
    await seen;
    end.abort();
    const ending = await child.ended;
    expect(ending.kind).toBe('stopped');
    expect(ending.stderrTail).toContain('term');
  });

  it('kills a child that ignores SIGTERM after the deadline', async () => {
    const end = new AbortController();
    const { stdout, seen } = outputWith(/ready/);
    const child = start({
      args: ['-c', "trap '' TERM; echo ready; while :; do sleep 0.05; done"],
      stdout,
      signal: end.signal,
      killAfterMs: 300,
    });
    await seen;
    const asked = performance.now();
    end.abort();
    expect((await child.ended).kind).toBe('stopped');
    const tookMs = performance.now() - asked;
    expect(tookMs).toBeGreaterThanOrEqual(295);
    expect(tookMs).toBeLessThan(3000);
    expect(await isAlive(child.pid ?? 0)).toBe(false);
  });

  it('stops a frozen child', async () => {
    const end = new AbortController();
    const child = start({ command: 'sleep', args: ['600'], signal: end.signal, killAfterMs: 200 });
    process.kill(child.pid ?? 0, 'SIGSTOP');
    end.abort();
    expect((await child.ended).kind).toBe('stopped');
  });

  it('stops the descendants of a child', async () => {
    const end = new AbortController();
    const { stdout, seen } = outputWith(/(\d+)\n/);
    const child = start({
      args: ['-c', 'bash -c "trap \'\' TERM; echo \\$\\$; sleep 600" & wait'],
      stdout,
      signal: end.signal,
      killAfterMs: 2000,
    });
    const grandchild = Number((await seen)[1]);
    expect(await isAlive(grandchild)).toBe(true);
    end.abort();
    await child.ended;
    expect(await isGoneWithin(grandchild, 2000)).toBe(true);
  });

  it('kills descendants that outlive the child', async () => {
    const { stdout, seen } = outputWith(/(\d+)\n/);
    const child = start({ args: ['-c', 'sleep 600 & echo $!'], stdout });
    expect((await child.ended).kind).toBe('exited');
    expect(await isGoneWithin(Number((await seen)[1]), 2000)).toBe(true);
  });

  it('does not wait for a descendant that left the group and holds the pipes', async () => {
    const { stdout, seen } = outputWith(/(\d+)\n/);
    const child = start({ args: ['-c', "setsid bash -c 'echo $$; exec sleep 600' & sleep 0.3"], stdout });
    const runaway = Number((await seen)[1]);
    try {
      expect((await child.ended).kind).toBe('exited');
    } finally {
      process.kill(runaway, 'SIGKILL');
    }
  });

  it('leaves no orphan when this process is killed', async () => {
    const fixture = fileURLToPath(new URL('./fixtures/parent.ts', import.meta.url));
    const parent = spawn(process.execPath, [fixture], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(output.toString());
    expect(await isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'close');
    expect(await isGoneWithin(pid, 2000)).toBe(true);
  });

  it('keeps the last 100 lines of standard error, up to 2 KiB each', async () => {
    const lines: string[] = [];
    const child = start({
      args: [
        '-c',
        'for i in $(seq 250); do echo line $i; done >&2; head -c 3000000 /dev/zero | tr "\\0" x >&2',
      ],
      onStderrLine: (line) => lines.push(line),
    });
    const { stderrTail } = await child.ended;
    expect(stderrTail).toHaveLength(100);
    expect(stderrTail[0]).toBe('line 152');
    expect(stderrTail.at(-1)).toBe('x'.repeat(2048));
    expect(lines).toHaveLength(251);
  });

  it('distinguishes a missing program from exit code 127', async () => {
    expect(await start({ command: '/no/such/program', args: [] }).ended).toMatchObject({
      kind: 'spawn-failed',
      message: expect.stringContaining('/no/such/program'),
    });
    expect(await start({ command: '/etc/passwd', args: [] }).ended).toMatchObject({ kind: 'spawn-failed' });
    expect(await start({ args: ['-c', 'exit 127'] }).ended).toMatchObject({ kind: 'exited', code: 127 });
  });

  it('reports a signal that another process sent', async () => {
    const child = start({ command: 'sleep', args: ['600'] });
    process.kill(child.pid ?? 0, 'SIGKILL');
    expect(await child.ended).toMatchObject({ kind: 'signalled', signal: 'SIGKILL' });
  });

  it('starts nothing if the signal is already aborted', async () => {
    const child = start({ args: ['-c', 'exit 0'], signal: AbortSignal.abort() });
    expect(child.pid).toBeUndefined();
    expect((await child.ended).kind).toBe('stopped');
  });

  it('passes a secret through standard input, not in the argument list', async () => {
    const secret = 'canary-7351';
    const { stdout, seen } = outputWith(/read (.*)\n/);
    const end = new AbortController();
    const child = start({
      args: ['-c', 'read -r line; echo "read $line"; sleep 600; true'],
      stdin: `${secret}\n`,
      stdout,
      signal: end.signal,
    });
    expect((await seen)[1]).toBe(secret);
    const commandLine = await readFile(`/proc/${child.pid}/cmdline`, 'utf8');
    end.abort();
    await child.ended;
    expect(commandLine).toContain('read -r line');
    expect(commandLine).not.toContain(secret);
  });

  it('tolerates a child that does not read its standard input', async () => {
    const child = start({ args: ['-c', 'exit 0'], stdin: 'x'.repeat(1_000_000) });
    expect(await child.ended).toMatchObject({ kind: 'exited', code: 0 });
  });
});
