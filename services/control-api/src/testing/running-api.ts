import type { CameraStatus } from '@camplane/contracts/camera-status';
import { operations } from '@camplane/contracts/operations';
import { cameraStatusTopic } from '@camplane/contracts/topics';
import type { EventBus } from '@camplane/event-bus/event-bus';
import { createMemoryBus } from '@camplane/event-bus/memory-bus';
import { monotonicClock, wallClock } from '@camplane/runtime/clock';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { createLogger } from '@camplane/service-kit/logging';
import { createMetrics } from '@camplane/service-kit/metrics';
import type { Metrics } from '@camplane/service-kit/metrics';
import { setTimeout as delay } from 'node:timers/promises';
import { createControlApi } from '../app.ts';
import type { ControlApi } from '../app.ts';
import type { Cluster } from '../cameras/open-registry.ts';
import type { ControlApiConfig } from '../config.ts';

/** Of the user `admin` of an API that is started with `auth: 'local'`. */
export const adminPassword = 'a password of tests';

/** A complete control-api on a free port, without a camera-service. */
export type RunningApi = {
  url: string;
  api: ControlApi;
  bus: EventBus;
  metrics: Metrics;
  /** The log so far. */
  logged: () => string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Signs in as `admin` (with `auth: 'local'`). @returns headers for `call` and for WebSockets */
  signIn(username?: string, password?: string): Promise<{ cookie: string }>;
  publish(status: CameraStatus): Promise<void>;
  stop(): Promise<void>;
};

// Tests access the JSON without types.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Answer = { status: number; headers: Headers; body: any };

export type RunningApiConfig = Partial<ControlApiConfig> & Pick<ControlApiConfig, 'dataDir'>;
export type RunningApiOptions = { bus?: EventBus; busKeepsMessages?: boolean; cluster?: Cluster };

export async function runApi(
  config: RunningApiConfig,
  clock: Pick<Clock, 'now'> & WallClock = { ...monotonicClock, ...wallClock },
  options: RunningApiOptions = {},
): Promise<RunningApi> {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLogger({ service: 'control-api', level: 'debug', format: 'json', destination });
  const metrics = createMetrics('control-api', { processMetrics: false });
  const bus = options.bus ?? createMemoryBus({ maxPending: 100, log });
  const api = createControlApi(
    {
      auth: 'none',
      adminPassword,
      host: '127.0.0.1',
      port: 0,
      cameraServiceUrl: 'http://127.0.0.1:9',
      maxCameras: 100,
      allowedOrigins: [],
      allowedHosts: [],
      mediaOrigins: ['http://127.0.0.1:8888'],
      ...config,
      limits: { stopWaitMs: 300, resyncIntervalMs: 200, ...config.limits },
    },
    {
      bus,
      busKeepsMessages: options.busKeepsMessages ?? false,
      ...(options.cluster === undefined ? {} : { cluster: options.cluster }),
      log,
      metrics,
      clock,
      wallClock: clock,
    },
  );
  const { url } = await api.start();
  return {
    url,
    api,
    bus,
    metrics,
    logged: () => lines.join(''),
    call: (method, path, body, headers) => call(`${url}${path}`, method, body, headers),
    signIn: (username = 'admin', password = adminPassword) => signIn(url, { username, password }),
    publish: (status) => bus.publish(cameraStatusTopic, status.cameraId, status),
    stop: async () => {
      await api.stop();
      await bus.close();
    },
  };
}

async function signIn(
  url: string,
  login: { username: string; password: string },
): Promise<{ cookie: string }> {
  const answer = await call(`${url}${operations.createSession.path}`, 'POST', login);
  if (answer.status !== 201)
    throw new Error(`sign-in answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  const cookie = answer.headers.getSetCookie()[0]?.split(';', 1)[0];
  if (cookie === undefined) throw new Error('sign-in set no cookie');
  return { cookie };
}

async function call(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isText = typeof body === 'string';
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const parsed: unknown = isJson ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body: parsed };
}

/** Repeats a check until it passes; throws its last error after the deadline. */
export async function eventually<T>(check: () => Promise<T> | T, deadlineMs = 20_000): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(25);
    }
  }
}
