import type { Found } from '@camplane/contracts/detection';
import type { Frame } from '@camplane/contracts/frame';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { aiTarget, askAiService } from './ai-request.ts';
import type { AiAnswer } from './ai-request.ts';
import { admitRequest, closedBreaker, defaultBreakerPolicy, recordResult } from './circuit-breaker.ts';
import type { BreakerPolicy, BreakerState } from './circuit-breaker.ts';
import { createFailureLog } from './failure-log.ts';

export type HttpDetectorOptions = {
  /** Base address of the AI service; images are posted to `detect` below it. Credentials are sent as a header. */
  url: string;
  /** Sent as a bearer token, instead of a login in `url`. */
  token?: string;
  /** Time limit from sending an image to the end of the response. */
  timeoutMs: number;
  /** Waiting and in-flight images of one camera; a further one drops the oldest waiting. */
  pendingMax?: number;
  /** The same for all cameras together. */
  totalMax?: number;
  /** Concurrent requests. One per camera at a time, so that responses stay in order. */
  inFlightMax?: number;
  /** Frames that are older when their turn comes are not sent. */
  frameAgeMaxMs?: number;
  breaker?: Partial<BreakerPolicy>;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  metrics: Metrics;
  clock: Pick<Clock, 'now'>;
  /** The clock that frames are stamped with. */
  wallClock: WallClock;
  random?: () => number;
};

export type HttpDetectorState = {
  /** `trying`: it was unavailable, and a trial request is in flight. */
  service: 'up' | 'away' | 'trying';
  waiting: number;
  inFlight: number;
};

export type HttpDetector = {
  /**
   * Queues a frame and returns at once. `onFound` is called with the detections, possibly empty; not at all if the frame
   * was dropped or the response was unusable.
   */
  offer(frame: Frame, cameraId: string, onFound: (found: Found[]) => void): void;
  state(): HttpDetectorState;
  /** Aborts requests in flight; `onFound` is not called any more. */
  close(): Promise<void>;
};

type Pending = { frame: Frame; cameraId: string; onFound: (found: Found[]) => void };

/** Sends frames to an AI service over HTTP (R3.8), as fast as it responds. Never delays a frame. */
export function createHttpDetector(options: HttpDetectorOptions): HttpDetector {
  const { pendingMax = 5, totalMax = 100, inFlightMax = 8, frameAgeMaxMs = 2000 } = options;
  const { log, clock, wallClock, timeoutMs, random = Math.random } = options;
  const policy = { ...defaultBreakerPolicy, ...options.breaker };
  const target = aiTarget(options.url, options.token);
  const failureLog = createFailureLog({ log, service: target.shown, now: () => clock.now() });
  const metrics = declareMetrics(options.metrics);
  const closing = new AbortController();

  let breaker: BreakerState = closedBreaker;
  /** In order of arrival. */
  let waiting: Pending[] = [];
  const inFlight = new Map<Pending, Promise<void>>();

  const count = (outcome: string, times = 1): void => metrics.requests.inc({ outcome }, times);
  const ofCamera = (cameraId: string) => (pending: Pending) => pending.cameraId === cameraId;
  const hasRequest = (cameraId: string): boolean => [...inFlight.keys()].some(ofCamera(cameraId));

  const dropOldest = (matches: (pending: Pending) => boolean): void => {
    const index = waiting.findIndex(matches);
    if (index < 0) return;
    waiting.splice(index, 1);
    count('dropped');
  };

  const makeRoom = (cameraId: string): void => {
    const pending = [...waiting, ...inFlight.keys()];
    if (pending.filter(ofCamera(cameraId)).length > pendingMax) dropOldest(ofCamera(cameraId));
    else if (pending.length > totalMax) dropOldest(() => true);
  };

  const pump = (): void => {
    while (inFlight.size < inFlightMax) {
      const index = waiting.findIndex(({ cameraId }) => !hasRequest(cameraId));
      const [next] = index < 0 ? [] : waiting.splice(index, 1);
      if (!next) return;
      if (wallClock.epochMs() - next.frame.capturedAt > frameAgeMaxMs) count('stale');
      else send(next, false);
    }
  };

  const send = (pending: Pending, trial: boolean): void => {
    const done = ask(pending, trial).finally(() => {
      inFlight.delete(pending);
      if (!closing.signal.aborted) pump();
    });
    inFlight.set(pending, done);
  };

  const ask = async ({ frame, cameraId, onFound }: Pending, trial: boolean): Promise<void> => {
    const startedAt = performance.now();
    const answer = await askAiService(target, frame, { timeoutMs, signal: closing.signal });
    if (closing.signal.aborted) return;
    count(answer.ok ? 'ok' : answer.kind);
    metrics.seconds.observe((performance.now() - startedAt) / 1000);
    recordAnswer(answer, trial);
    if (!answer.ok) return;
    try {
      onFound(answer.found);
    } catch (error) {
      log.error({ err: error, camera: cameraId }, 'handling detections of the AI service failed');
    }
  };

  const recordAnswer = (answer: AiAnswer, trial: boolean): void => {
    const before = breaker;
    const answered = answer.ok || answer.imageRefused;
    breaker = recordResult(before, { answered, trial }, clock.now(), policy, random);
    metrics.up.set(breaker.kind === 'closed' ? 1 : 0);
    // While it is unavailable, failed trials are not logged.
    if (!answer.ok && before.kind === 'closed') failureLog.failed(answer);
    if (before.kind === 'closed' && breaker.kind !== 'closed' && !answer.ok) {
      count('away', waiting.length);
      waiting = [];
      failureLog.unavailable(policy.failuresMax, answer);
    } else if (before.kind !== 'closed' && breaker.kind === 'closed') {
      failureLog.availableAgain(clock.now() - before.sinceMs);
    }
  };

  metrics.up.set(1);
  return {
    offer(frame, cameraId, onFound) {
      if (closing.signal.aborted) return;
      const pending = { frame, cameraId, onFound };
      const { state, admission } = admitRequest(breaker, clock.now());
      breaker = state;
      if (admission === 'reject') count('away');
      else if (admission === 'trial') send(pending, true);
      else {
        waiting.push(pending);
        makeRoom(cameraId);
        pump();
      }
    },
    state: () => ({
      service: serviceWords[breaker.kind],
      waiting: waiting.length,
      inFlight: inFlight.size,
    }),
    async close() {
      closing.abort();
      waiting = [];
      await Promise.all(inFlight.values());
    },
  };
}

const serviceWords = { closed: 'up', open: 'away', 'half-open': 'trying' } as const;

function declareMetrics(metrics: Metrics) {
  return {
    up: metrics.gauge({
      name: 'camplane_ai_service_up',
      help: 'Whether requests are sent to the AI service: 0 after consecutive failures, until it responds again.',
    }),
    requests: metrics.counter({
      name: 'camplane_ai_requests_total',
      help: 'Frames for the AI service, by outcome.',
      labelNames: ['outcome'],
    }),
    seconds: metrics.histogram({
      name: 'camplane_ai_request_seconds',
      help: 'Duration of requests to the AI service, including timeouts.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
  };
}
