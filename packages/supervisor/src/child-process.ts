import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { onAbort } from '@camplane/runtime/abort';
import { messageOf } from '@camplane/runtime/message-of';
import { redactLine } from './redact-line.ts';
import { watchProcessor } from './watch-processor.ts';
import type { ProcessorExcess, ProcessorLimit } from './watch-processor.ts';

export type ChildOptions = {
  /** For logs. */
  name: string;
  command: string;
  args: readonly string[];
  /** Written to standard input, which is then closed. May contain secrets; never logged. */
  stdin?: string | Uint8Array;
  /** Standard output is ignored if absent. */
  stdout?: (chunk: Buffer) => void;
  /** Receives lines of at most 2048 characters, with user information removed from URLs. */
  onStderrLine?: (line: string) => void;
  /** On abort the process group gets `stopSignal`, and SIGKILL after `killAfterMs`. */
  signal: AbortSignal;
  killAfterMs?: number;
  environment?: Record<string, string>;
  /** SIGTERM by default. PostgreSQL needs SIGINT, which does not wait for its clients. */
  stopSignal?: NodeJS.Signals;
  /** Sent by the kernel when this process dies. SIGKILL by default. */
  parentDeathSignal?: 'SIGKILL' | 'SIGQUIT';
  /** Memory and `cpuSeconds` are enforced by the kernel, where util-linux's prlimit exists. */
  limits?: ChildLimits;
  /** Runs the child as another user. Needs root. */
  user?: ChildUser;
};

export type ChildUser = {
  uid: number;
  gid: number;
  /** The only capability that the child keeps, to enter folders that the user may not. Needs `setpriv`. */
  capability?: 'dac_read_search' | 'dac_override';
};

export type ChildLimits = {
  /** Writable memory (RLIMIT_DATA): an allocation beyond it fails. */
  memoryBytes: number;
  /** Processor time of the whole run (RLIMIT_CPU): the child is killed. Not for children that run for ever. */
  cpuSeconds?: number;
  /** Average use of the processors. A child that exceeds it is stopped as on abort. */
  processor?: ProcessorLimit;
};

export type ChildEnding = (
  | { kind: 'exited'; code: number }
  | { kind: 'signalled'; signal: string }
  | { kind: 'stopped' }
  | ({ kind: 'processor-exceeded' } & ProcessorExcess)
  | { kind: 'spawn-failed'; message: string }
) & { stderrTail: readonly string[]; durationMs: number };

export type Child = {
  readonly pid: number | undefined;
  /** Resolves when the process has exited and its pipes are closed. Never rejects. */
  readonly ended: Promise<ChildEnding>;
};

const stderrTailLines = 100;
const stderrLineMaxLength = 2048;
const killAfterMsDefault = 5000;
/** FFmpeg that waits for a silent camera ignores the first SIGTERM and exits on the second. */
const termAgainMs = 250;
/** How long pipes may stay open after the exit. A descendant that left the process group could hold them forever. */
const pipesCloseMs = 1000;

/**
 * `setpriv --pdeathsig` (util-linux) makes the kernel kill the child when this process dies, so that not even SIGKILL
 * leaves an orphan. setpriv execs the command, so the pid does not change. To the kernel the parent is the thread: a
 * child that was started in a worker thread is killed when that thread ends.
 *
 * Null if setpriv is missing or lacks the option (BusyBox): children are then started directly.
 */
function findSetpriv(): string | null {
  const works = (file: string) =>
    spawnSync(file, ['--pdeathsig', 'KILL', '--', 'true'], { stdio: 'ignore', timeout: 2000 }).status === 0;
  setprivFile ??= { path: ['/usr/bin/setpriv', '/bin/setpriv'].find(works) ?? null };
  return setprivFile.path;
}

/** Cached after the first lookup. */
let setprivFile: { path: string | null } | undefined;

/** prlimit (util-linux) sets limits and execs the command, as setpriv does. Null if it is missing. */
function findPrlimit(): string | null {
  const works = (file: string) =>
    spawnSync(file, ['--data=1073741824', '--', 'true'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
  prlimitFile ??= { path: ['/usr/bin/prlimit', '/bin/prlimit'].find(works) ?? null };
  return prlimitFile.path;
}

let prlimitFile: { path: string | null } | undefined;

const wrapperPrefix = /^(setpriv|prlimit): /;
/** Distinguishes a wrapper's failure to run the command from the same exit code of the command itself. */
const isWrapperError = (line: string) => wrapperPrefix.test(line);

/**
 * Starts a process in its own group and waits for its end. Uses node:child_process because execa kills a process but
 * not its group, does not bound the length of lines, and puts the arguments into its errors.
 */
export function startChild(options: ChildOptions): Child {
  const startedMs = performance.now();
  const tail: string[] = [];
  const finish = (ending: { kind: 'stopped' } | { kind: 'spawn-failed'; message: string }): Child => ({
    pid: undefined,
    ended: Promise.resolve({ ...ending, stderrTail: tail, durationMs: performance.now() - startedMs }),
  });
  if (options.signal.aborted) return finish({ kind: 'stopped' });
  let child: ChildProcess;
  try {
    const setpriv = findSetpriv();
    const command = limitedCommand(options);
    const [file = '', ...args] =
      setpriv === null ? command : [setpriv, ...setprivOptions(options), '--', ...command];
    child = spawn(file, args, {
      // Its own process group, so that its descendants are killed with it.
      detached: true,
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', options.stdout ? 'pipe' : 'ignore', 'pipe'],
      ...(options.environment ? { env: { ...process.env, ...options.environment } } : {}),
      ...(setpriv === null && options.user ? { uid: options.user.uid, gid: options.user.gid } : {}),
    });
  } catch (error) {
    return finish({ kind: 'spawn-failed', message: messageOf(error) });
  }
  return { pid: child.pid, ended: awaitEnd(child, options, tail, startedMs) };
}

function limitedCommand({ command, args, limits }: ChildOptions): string[] {
  const prlimit = limits === undefined ? null : findPrlimit();
  if (limits === undefined || prlimit === null) return [command, ...args];
  const { memoryBytes, cpuSeconds } = limits;
  const cpu = cpuSeconds === undefined ? [] : [`--cpu=${cpuSeconds}`];
  return [prlimit, `--data=${memoryBytes}`, ...cpu, '--', command, ...args];
}

function setprivOptions({ parentDeathSignal = 'SIGKILL', user }: ChildOptions): string[] {
  const death = ['--pdeathsig', parentDeathSignal.slice('SIG'.length)];
  if (user === undefined) return death;
  const ids = ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'];
  if (user.capability === undefined) return [...ids, ...death];
  const kept = `-all,+${user.capability}`;
  // Without the bit, access(2) ignores capabilities, and initdb checks its program by it.
  return [...ids, '--inh-caps', kept, '--ambient-caps', kept, '--securebits', '+no_setuid_fixup', ...death];
}

function awaitEnd(
  child: ChildProcess,
  options: ChildOptions,
  tail: string[],
  startedMs: number,
): Promise<ChildEnding> {
  let stopping = false;
  let exited = false;
  let againTimer: NodeJS.Timeout | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  let pipesTimer: NodeJS.Timeout | undefined;
  let failure: string | undefined;
  let excess: ProcessorExcess | undefined;

  const signalGroup = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group no longer exists.
    }
  };
  const stop = () => {
    // The first reason wins: a process that exited on its own was not stopped.
    if (stopping || exited) return;
    stopping = true;
    const stopSignal = options.stopSignal ?? 'SIGTERM';
    signalGroup(stopSignal);
    // A process under SIGSTOP handles it only after SIGCONT.
    signalGroup('SIGCONT');
    againTimer = setTimeout(() => signalGroup(stopSignal), termAgainMs);
    killTimer = setTimeout(() => signalGroup('SIGKILL'), options.killAfterMs ?? killAfterMsDefault);
  };
  const removeAbortListener = onAbort(options.signal, stop);
  const { processor } = options.limits ?? {};
  const watch =
    child.pid === undefined || processor === undefined
      ? undefined
      : watchProcessor(child.pid, processor, (seen) => {
          if (!stopping && !exited) excess = seen;
          stop();
        });

  if (options.stdin !== undefined && child.stdin) {
    // EPIPE: the child exited before it read everything. Its exit code is the reason.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin);
  }
  child.stdout?.on('data', (chunk: Buffer) => options.stdout?.(chunk));
  const lines = splitLines((line) => {
    tail.push(line);
    if (tail.length > stderrTailLines) tail.shift();
    options.onStderrLine?.(line);
  });
  child.stderr?.setEncoding('utf8').on('data', lines.push);

  return new Promise((resolve) => {
    child.on('error', (error) => {
      failure = messageOf(error);
      if (child.pid === undefined) settle(null, null);
    });
    child.on('exit', () => {
      exited = true;
      watch?.stop();
      clearTimeout(againTimer);
      clearTimeout(killTimer);
      // Descendants that are still alive would keep the pipes open.
      signalGroup('SIGKILL');
      pipesTimer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        child.stdin?.destroy();
      }, pipesCloseMs);
    });
    child.on('close', settle);

    function settle(code: number | null, signal: NodeJS.Signals | null): void {
      clearTimeout(killTimer);
      clearTimeout(pipesTimer);
      removeAbortListener();
      lines.end();
      resolve({ ...endingOf(code, signal), stderrTail: tail, durationMs: performance.now() - startedMs });
    }
  });

  function endingOf(code: number | null, signal: NodeJS.Signals | null) {
    if (failure !== undefined) return { kind: 'spawn-failed', message: failure } as const;
    if (excess !== undefined) return { kind: 'processor-exceeded', ...excess } as const;
    if (stopping) return { kind: 'stopped' } as const;
    if (signal !== null) return { kind: 'signalled', signal } as const;
    const wrapperError = code === 126 || code === 127 ? tail.findLast(isWrapperError) : undefined;
    if (wrapperError !== undefined) {
      return { kind: 'spawn-failed', message: wrapperError.replace(wrapperPrefix, '') } as const;
    }
    return { kind: 'exited', code: code ?? 1 } as const;
  }
}

/** Splits text into redacted lines. A line without an end is truncated, so that it cannot grow without limit. */
function splitLines(onLine: (line: string) => void): { push: (text: string) => void; end: () => void } {
  let rest = '';
  const emit = (line: string) => {
    if (line === '') return;
    onLine(redactLine(line.slice(0, stderrLineMaxLength), line.length >= stderrLineMaxLength));
  };
  return {
    push(text) {
      const parts = (rest + text).split(/[\r\n]+/);
      rest = (parts.pop() ?? '').slice(0, stderrLineMaxLength);
      parts.forEach(emit);
    },
    end() {
      emit(rest);
      rest = '';
    },
  };
}
