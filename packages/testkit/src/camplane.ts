import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApiClient } from '@camplane/api-client/api-client';
import type { ApiClient } from '@camplane/api-client/api-client';
import type { RawInput } from '@camplane/api-client/operation-url';
import { sendOperation } from '@camplane/api-client/send-operation';
import type { RawAnswer } from '@camplane/api-client/send-operation';
import type { CreateUser, User } from '@camplane/contracts/access';
import type { CameraPhase, CameraStatus } from '@camplane/contracts/camera-status';
import type { HttpOperationId } from '@camplane/contracts/operations';
import { freePorts } from './free-port.ts';
import { descendantsOf } from './processes.ts';
import type { ProcessInfo } from './processes.ts';
import { signIn } from './sign-in.ts';
import type { SignedIn } from './sign-in.ts';
import { waitUntil } from './wait-until.ts';

const mainOfSources = fileURLToPath(new URL('../../../services/standalone/src/main.ts', import.meta.url));

/** The administrator of a Camplane that was started with `access: 'on'`. */
export const testAdministrator = { username: 'admin', password: 'correct-horse-battery' } as const;

export type CamplaneOptions = {
  /**
   * `on`: starts with users and rights, and `client`, `send` and the rest act as the administrator. Off by default:
   * everything is allowed (`CAMPLANE_AUTH=none`).
   */
  access?: 'on';
  /** Data folder of an earlier start; a new one by default. */
  dataFolder?: string;
  environment?: Record<string, string>;
  /** Receives all output. `output()` returns the end of it. */
  onOutput?(text: string): void;
  /** False: resolve before it is ready, for tests of the start. */
  waitForReady?: boolean;
  /** The program, such as a bundle's `main.js`, started in its folder; the sources by default. */
  main?: string;
};

/** The program that `make up` starts, with free ports and a separate data folder. */
export type Camplane = {
  readonly url: string;
  readonly rtspUrl: string;
  /** MediaMTX's control API; set MEDIAMTX_API_PASSWORD to use it. */
  readonly mediaMtxApiUrl: string;
  readonly pid: number;
  readonly dataFolder: string;
  /** The end of its output. */
  output(): string;
  readonly client: ApiClient;
  /** For requests that may be refused: returns responses of any status. */
  send(id: HttpOperationId, input?: RawInput): Promise<RawAnswer>;
  /** Signs in, as the administrator by default. Needs `access: 'on'`, as does `createUser`. */
  signIn(login?: { username: string; password: string }): Promise<SignedIn>;
  createUser(user: Pick<CreateUser, 'username' | 'password'> & Partial<CreateUser>): Promise<User>;
  createCamera(camera: Record<string, unknown>): Promise<void>;
  status(id: string): Promise<CameraStatus>;
  waitForPhase(id: string, phase: CameraPhase, timeoutMs?: number): Promise<CameraStatus>;
  /** All descendant processes. */
  processes(): Promise<ProcessInfo[]>;
  ffmpegOf(id: string): Promise<ProcessInfo[]>;
  /** Sends the signal, SIGTERM by default, and waits for the exit. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: string | null; ms: number }>;
  /** Waits for an exit that the test did not request; returns the exit code. */
  ended(): Promise<number | null>;
  /** Stops it and removes its data folder. */
  dispose(): Promise<void>;
};

export async function startCamplane(options: CamplaneOptions = {}): Promise<Camplane> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'camplane-test-')));
  const [http, rtsp, hls, webrtc, media, api] = await freePorts(6);
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    ...(process.env['NODE_COMPILE_CACHE'] ? { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] } : {}),
    TZ: 'UTC',
    DEMO_CAMERA: 'off',
    LOG_FORMAT: 'text',
    DATA_DIR: dataFolder,
    HTTP_PORT: String(http),
    RTSP_PORT: String(rtsp),
    HLS_PORT: String(hls),
    WEBRTC_PORT: String(webrtc),
    WEBRTC_MEDIA_PORT: String(media),
    MEDIAMTX_API_PORT: String(api),
    CAMERA_SERVICE_PORT: '0',
    DETECTION_SERVICE_PORT: '0',
    STREAM_PROXY_PORT: '0',
    ...(options.access === 'on'
      ? { CAMPLANE_AUTH: 'local', CAMPLANE_ADMIN_PASSWORD: testAdministrator.password }
      : { CAMPLANE_AUTH: 'none' }),
    ...options.environment,
  };
  const child = spawn(process.execPath, [options.main ?? mainOfSources], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.main === undefined ? {} : { cwd: dirname(options.main) }),
  });
  const ended = once(child, 'close');
  let output = '';
  const keep = (chunk: Buffer) => {
    options.onOutput?.(chunk.toString());
    output = (output + chunk.toString()).slice(-200_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const url = `http://127.0.0.1:${environment.HTTP_PORT}`;
  const headers: Record<string, string> = {};
  const camplane = control({
    child,
    ended,
    url,
    headers,
    rtspUrl: `rtsp://127.0.0.1:${rtsp}`,
    mediaMtxApiUrl: `http://127.0.0.1:${api}`,
    dataFolder,
    output: () => output,
  });
  if (options.waitForReady === false) return camplane;
  try {
    await waitUntil(
      () => output.includes('Camplane is ready') || child.exitCode !== null,
      (settled) => settled,
      { timeoutMs: 90_000, what: 'Camplane ready' },
    );
    if (child.exitCode !== null) throw new Error(`Camplane ended with code ${child.exitCode}`);
    if (options.access === 'on') headers['cookie'] = (await camplane.signIn()).cookie;
  } catch (error) {
    await camplane.stop('SIGKILL');
    throw new Error(`Camplane did not start:\n${output.slice(-4000)}`, { cause: error });
  }
  return camplane;
}

function control(run: {
  child: ChildProcess;
  ended: Promise<unknown[]>;
  url: string;
  /** Sent with every request; filled once the administrator is signed in. */
  headers: Readonly<Record<string, string>>;
  rtspUrl: string;
  mediaMtxApiUrl: string;
  dataFolder: string;
  output(): string;
}): Camplane {
  const { child, url, dataFolder } = run;
  const pid = child.pid ?? 0;

  const connection = { baseUrl: url, headers: run.headers, timeoutMs: 20_000 };
  const client = createApiClient(connection);
  const status = (id: string): Promise<CameraStatus> => client.readStatus({ id });

  async function stop(signal: NodeJS.Signals = 'SIGTERM') {
    const startedMs = performance.now();
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await run.ended;
    return { code: child.exitCode, signal: child.signalCode, ms: performance.now() - startedMs };
  }

  return {
    url,
    rtspUrl: run.rtspUrl,
    mediaMtxApiUrl: run.mediaMtxApiUrl,
    pid,
    dataFolder,
    output: run.output,
    client,
    send: (id, input) => sendOperation(connection, id, input),
    signIn: (login = testAdministrator) => signIn(url, login),
    createUser: (user) =>
      client.createUser({ body: { displayName: '', enabled: true, grants: [], ...user } }),
    async createCamera(camera) {
      const answer = await sendOperation(connection, 'createCamera', { body: camera });
      if (answer.status !== 201)
        throw new Error(`camera not created: ${answer.status} ${JSON.stringify(answer.body)}`);
    },
    status,
    waitForPhase: (id, phase, timeoutMs = 20_000) =>
      waitUntil(
        () => status(id),
        (current) => current.phase === phase,
        { timeoutMs, what: `camera ${id} ${phase}` },
      ),
    processes: () => descendantsOf(pid),
    ffmpegOf: async (id) => {
      const processes = await descendantsOf(pid);
      // The publishing FFmpeg: its last argument is the URL of the path.
      return processes.filter((info) => /^\S*ffmpeg /.test(info.command) && info.command.endsWith(`/${id}`));
    },
    stop,
    async ended() {
      await run.ended;
      return child.exitCode;
    },
    async dispose() {
      const { code, signal } = await stop();
      await rm(dataFolder, { recursive: true, force: true });
      if (code !== 0 && signal === null)
        throw new Error(`Camplane ended with code ${code}:\n${run.output().slice(-4000)}`);
    },
  };
}
