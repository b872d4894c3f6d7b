import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { onAbort } from '@camplane/runtime/abort';
import { messageOf } from '@camplane/runtime/message-of';
import { redactLine } from './redact-line.ts';

export type ChildOptions = {
  /** For the log. */
  name: string;
  command: string;
  args: readonly string[];
  /** Written to standard input, which is then closed. May hold secrets: it is never logged. */
  stdin?: string | Uint8Array;
  /** Absent: standard output is ignored. */
  stdout?: (chunk: Buffer) => void;
  /** Lines of at most 2048 characters, without the user information of URLs. */
  onStderrLine?: (line: string) => void;
  /** Abort: SIGTERM to the process group, after `killAfterMs` SIGKILL. */
  signal: AbortSignal;
  killAfterMs?: number;
  environment?: Record<string, string>;
};

export type ChildEnding = (
  | { kind: 'exited'; code: number }
  | { kind: 'signalled'; signal: string }
  | { kind: 'stopped' }
  | { kind: 'spawn-failed'; message: string }
) & { stderrTail: readonly string[]; durationMs: number };

export type Child = {
  readonly pid: number | undefined;
  /** Never rejects; resolves when the process has ended and its pipes are closed. */
  readonly ended: Promise<ChildEnding>;
};

const stderrTailLines = 100;
const stderrLineMaxLength = 2048;
const killAfterMsDefault = 5000;
/** FFmpeg waiting for a silent camera notes the first SIGTERM and goes on waiting; the second ends the wait. */
const termAgainMs = 250;
/** How long pipes may stay open after the process: what left its group may hold them for ever. */
const pipesCloseMs = 1000;

/**
 * `setpriv --pdeathsig` (util-linux) has the kernel end the child when this process dies, however it dies: a
 * Node ended by SIGKILL leaves no orphan. It replaces itself by the command, so the pid stays. The kernel takes
 * the thread for the parent: a child started in a worker thread ends with that thread.
 *
 * Null where there is none, or one without the option (BusyBox): children are then run directly.
 */
function findSetpriv(): string | null {
  const works = (file: string) =>
    spawnSync(file, ['--pdeathsig', 'KILL', '--', 'true'], { stdio: 'ignore', timeout: 2000 }).status === 0;
  setprivFile ??= { path: ['/usr/bin/setpriv', '/bin/setpriv'].find(works) ?? null };
  return setprivFile.path;
}

/** Looked for once. */
let setprivFile: { path: string | null } | undefined;

const setprivPrefix = 'setpriv: ';
/** What it says when it cannot run the command; its exit code may also be one of the command's own. */
const isOfSetpriv = (line: string) => line.startsWith(setprivPrefix);

/**
 * Starts one process and sees it to its end. By node:child_process, not execa: execa ends a process but not its
 * group, splits no bounded lines, and puts the arguments into its errors.
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
    const [file, args] =
      setpriv === null
        ? [options.command, [...options.args]]
        : [setpriv, ['--pdeathsig', 'KILL', '--', options.command, ...options.args]];
    child = spawn(file, args, {
      // A group of its own, so that what the child itself starts is ended with it.
      detached: true,
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', options.stdout ? 'pipe' : 'ignore', 'pipe'],
      ...(options.environment ? { env: { ...process.env, ...options.environment } } : {}),
    });
  } catch (error) {
    return finish({ kind: 'spawn-failed', message: messageOf(error) });
  }
  return { pid: child.pid, ended: follow(child, options, tail, startedMs) };
}

function follow(
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

  const signalGroup = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  const stop = () => {
    // The first reason to end is kept: what has ended by itself is not stopped any more.
    if (stopping || exited) return;
    stopping = true;
    signalGroup('SIGTERM');
    // A stopped process (SIGSTOP) takes no SIGTERM until it is continued.
    signalGroup('SIGCONT');
    againTimer = setTimeout(() => signalGroup('SIGTERM'), termAgainMs);
    killTimer = setTimeout(() => signalGroup('SIGKILL'), options.killAfterMs ?? killAfterMsDefault);
  };
  const removeAbortListener = onAbort(options.signal, stop);

  if (options.stdin !== undefined && child.stdin) {
    // A child that ends before it has read everything says so by its ending.
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
      clearTimeout(againTimer);
      clearTimeout(killTimer);
      // Whatever the child started itself would keep the pipes open.
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
    if (stopping) return { kind: 'stopped' } as const;
    if (signal !== null) return { kind: 'signalled', signal } as const;
    const complaint = code === 126 || code === 127 ? tail.findLast(isOfSetpriv) : undefined;
    if (complaint !== undefined) {
      return { kind: 'spawn-failed', message: complaint.slice(setprivPrefix.length) } as const;
    }
    return { kind: 'exited', code: code ?? 1 } as const;
  }
}

/** Lines of bounded length, without secrets; a line without an end is cut, not collected for ever. */
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
