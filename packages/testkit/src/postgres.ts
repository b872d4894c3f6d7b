import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { freePort } from './free-port.ts';
import { descendantsOf, pauseProcess } from './processes.ts';
import type { IssuedCertificate } from './test-authority.ts';
import { waitUntil } from './wait-until.ts';

export type TestPostgres = {
  /** As `postgres://postgres@127.0.0.1:PORT/postgres`. */
  readonly url: string;
  readonly pid: number;
  /** SIGKILL to the server and its backends, awaited. */
  kill(): Promise<void>;
  /** Restarts it after `kill`, with the same data and port. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open without responses. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
};

export type TestPostgresOptions = {
  /** Then the server refuses connections without TLS. */
  certificate?: Pick<IssuedCertificate, 'certFile' | 'keyFile'>;
};

/** Starts a PostgreSQL server with an empty database on loopback. Durability is off, for speed. */
export async function startPostgres({ certificate }: TestPostgresOptions = {}): Promise<TestPostgres> {
  const binaries = await findBinaries();
  const owner = await ownerOfServer();
  const folder = await mkdtemp(join(tmpdir(), 'camplane-postgres-'));
  if (owner !== null) await chown(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const [certFile, keyFile] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;

  const start = (command: string, args: string[]) =>
    spawn(join(binaries, command), args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      ...(owner ?? {}),
    });

  async function runServer() {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
      ...(certificate && { ssl: 'on', ssl_cert_file: certFile, ssl_key_file: keyFile }),
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = start('postgres', ['-D', data, '-p', String(port), ...options]);
    child.stdout.resume();
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-8000);
    });
    let exited = false;
    const ended = once(child, 'close').finally(() => {
      exited = true;
    });
    const pid = child.pid;
    if (pid === undefined) throw new Error('PostgreSQL could not be started');
    await waitUntil(
      async () => {
        if (exited) return 'exited';
        if (!log.includes('ready to accept connections')) return 'starting';
        return (await accepts(port)) ? 'ready' : 'not listening';
      },
      (state) => state === 'ready' || state === 'exited',
      { what: 'PostgreSQL accepts connections', timeoutMs: 15_000 },
    );
    if (exited) throw new Error(`PostgreSQL exited at its start: ${log}`);
    return { child, pid, ended, exited: () => exited };
  }

  /** The server accepts a key only from its own user, with mode 0600. */
  async function installCertificate(files: Pick<IssuedCertificate, 'certFile' | 'keyFile'>): Promise<void> {
    await copyFile(files.certFile, certFile);
    await copyFile(files.keyFile, keyFile);
    await chmod(keyFile, 0o600);
    if (owner !== null) for (const file of [certFile, keyFile]) await chown(file, owner.uid, owner.gid);
    await writeFile(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 trust\n');
  }

  async function allPids(): Promise<number[]> {
    return [running.pid, ...(await descendantsOf(running.pid)).map((process) => process.pid)];
  }

  async function signalAll(signal: NodeJS.Signals): Promise<void> {
    for (const pid of await allPids()) {
      try {
        process.kill(pid, signal);
      } catch {
        // It exited meanwhile.
      }
    }
  }

  let running: Awaited<ReturnType<typeof runServer>>;
  try {
    await initializeData(start, data);
    if (certificate) await installCertificate(certificate);
    running = await runServer();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }

  return {
    url,
    get pid() {
      return running.pid;
    },
    kill: async () => {
      await signalAll('SIGKILL');
      await running.ended;
    },
    restart: async () => {
      running = await runServer();
    },
    pause: async () => {
      // The server first, so that it starts no further backend.
      for (const pid of await allPids()) await pauseProcess(pid);
    },
    resume: () => signalAll('SIGCONT'),
    stop: async () => {
      if (!running.exited()) {
        await signalAll('SIGCONT');
        // Immediate shutdown: PostgreSQL stops its backends.
        running.child.kill('SIGQUIT');
      }
      await running.ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function initializeData(
  start: (command: string, args: string[]) => ChildProcessByStdio<null, Readable, Readable>,
  data: string,
): Promise<void> {
  const options = ['--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'];
  const child = start('initdb', ['--pgdata', data, ...options]);
  child.stdout.resume();
  let errorOutput = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errorOutput += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`initdb failed (exit code ${code}): ${errorOutput.slice(-2000)}`);
}

async function findBinaries(): Promise<string> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isInteger)
    .sort((a, b) => b - a)[0];
  if (newest === undefined) throw new Error(`PostgreSQL is not installed: run 'make setup-test'`);
  return join(root, String(newest), 'bin');
}

/** PostgreSQL refuses to run as root, so it runs as the user that Debian's package creates. */
async function ownerOfServer(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const line = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined)
    throw new Error('the user postgres does not exist: install PostgreSQL');
  return { uid: Number(uid), gid: Number(gid) };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
