import type { Found } from '@camplane/contracts/detection';
import type { Frame } from '@camplane/contracts/frame';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { aiTarget, askAiService } from './ai-request.ts';
import type { AiAnswer } from './ai-request.ts';
import { askBreaker, closedBreaker, defaultBreakerPolicy, tellBreaker } from './circuit-breaker.ts';
import type { BreakerPolicy, BreakerState } from './circuit-breaker.ts';
import { createFailureLog } from './failure-log.ts';

export type HttpDetectorOptions = {
  /** Address of the AI service; pictures go to `detect` below it. Credentials within are sent as a header. */
  url: string;
  /** Longest time from sending a picture to the end of the answer. */
  timeoutMs: number;
  /** Pictures of one camera that wait or are being asked about; one more drops the oldest that waits. */
  pendingMax?: number;
  /** The same of all cameras together. */
  totalMax?: number;
  /** Requests at once; of one camera there is one at a time, so that its answers keep their order. */
  inFlightMax?: number;
  /** A frame older than this when its turn comes is not sent: a late answer is worth less than a current one. */
  frameAgeMaxMs?: number;
  breaker?: Partial<BreakerPolicy>;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  metrics: Metrics;
  clock: Pick<Clock, 'now'>;
  /** Frames are stamped by it. */
  wallClock: WallClock;
  random?: () => number;
};

export type HttpDetectorState = {
  /** `trying`: it was away, and one picture is on its way to find out. */
  service: 'up' | 'away' | 'trying';
  waiting: number;
  inFlight: number;
};

export type HttpDetector = {
  /**
   * Has a frame looked at when its turn comes; returns at once. `onFound` is called with what was found, an empty
   * list too; not at all where the frame was dropped or the service gave no right answer.
   */
  offer(frame: Frame, cameraId: string, onFound: (found: Found[]) => void): void;
  state(): HttpDetectorState;
  /** Breaks off what is on its way; `onFound` is not called any more. */
  close(): Promise<void>;
};

type Pending = { frame: Frame; cameraId: string; onFound: (found: Found[]) => void };

/** Asks an AI service about frames over HTTP (R3.8), as fast as it answers, and never holds up a frame. */
export function createHttpDetector(options: HttpDetectorOptions): HttpDetector {
  const { pendingMax = 5, totalMax = 100, inFlightMax = 8, frameAgeMaxMs = 2000 } = options;
  const { log, clock, wallClock, timeoutMs, random = Math.random } = options;
  const policy = { ...defaultBreakerPolicy, ...options.breaker };
  const target = aiTarget(options.url);
  const failureLog = createFailureLog({ log, service: target.shown, now: () => clock.now() });
  const metrics = declareMetrics(options.metrics);
  const closing = new AbortController();

  let breaker: BreakerState = closedBreaker;
  /** In the order in which they came. */
  let waiting: Pending[] = [];
  const inFlight = new Map<Pending, Promise<void>>();

  const count = (outcome: string, times = 1): void => metrics.requests.inc({ outcome }, times);
  const ofCamera = (cameraId: string) => (pending: Pending) => pending.cameraId === cameraId;
  const isAsking = (cameraId: string): boolean => [...inFlight.keys()].some(ofCamera(cameraId));

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
      const index = waiting.findIndex(({ cameraId }) => !isAsking(cameraId));
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
    heard(answer, trial);
    if (!answer.ok) return;
    try {
      onFound(answer.found);
    } catch (error) {
      log.error({ err: error, cameraId }, 'what the AI service found could not be handed on');
    }
  };

  const heard = (answer: AiAnswer, trial: boolean): void => {
    const before = breaker;
    const answered = answer.ok || answer.pictureRefused;
    breaker = tellBreaker(before, { answered, trial }, clock.now(), policy, random);
    metrics.up.set(breaker.kind === 'closed' ? 1 : 0);
    // While it is away one line has said so, and trials that fail say nothing new.
    if (!answer.ok && before.kind === 'closed') failureLog.failed(answer);
    if (before.kind === 'closed' && breaker.kind !== 'closed' && !answer.ok) {
      count('away', waiting.length);
      waiting = [];
      failureLog.wentAway(policy.failuresMax, answer);
    } else if (before.kind !== 'closed' && breaker.kind === 'closed') {
      failureLog.cameBack(clock.now() - before.sinceMs);
    }
  };

  metrics.up.set(1);
  return {
    offer(frame, cameraId, onFound) {
      if (closing.signal.aborted) return;
      const pending = { frame, cameraId, onFound };
      const asked = askBreaker(breaker, clock.now());
      breaker = asked.state;
      if (asked.leave === 'refuse') count('away');
      else if (asked.leave === 'trial') send(pending, true);
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
      help: 'Whether the AI service is asked: 0 after several failures in a row, until it answers again',
    }),
    requests: metrics.counter({
      name: 'camplane_ai_requests_total',
      help: 'Frames for the AI service, by what became of them',
      labelNames: ['outcome'],
    }),
    seconds: metrics.histogram({
      name: 'camplane_ai_request_seconds',
      help: 'Time from sending a picture to the AI service to the end of its answer, or to giving up',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
  };
}
