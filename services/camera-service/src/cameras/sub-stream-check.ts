import { describeRtsp } from '@camplane/camera-source/rtsp/rtsp-describe';
import { createCameraResolver } from '@camplane/camera-source/network/camera-resolver';
import type { CameraNetworkPolicy } from '@camplane/camera-source/network/camera-resolver';
import type { Clock } from '@camplane/runtime/clock';
import type { SubStreamCheck } from '../status/camera-facts.ts';
import type { StreamFacts } from '../status/stream-facts.ts';
import type { StreamSettings } from '../stream/stream-settings.ts';

/** Asks the camera once whether it has the sub stream, so that a wrong URL is reported before the first viewer. */
export type CheckOfSubStream = {
  /** About once a second. */
  observe(sub: StreamSettings | null, main: StreamFacts['run'], subRun: StreamFacts['run'] | undefined): void;
  /** Null before an answer to these settings. */
  answer(sub: StreamSettings): SubStreamCheck | null;
  stop(): void;
};

/** The main stream has settled by then. */
const afterLiveMs = 3000;
const timeoutMs = 10_000;
/** After a refusal: the camera may have been corrected. */
const againMs = 900_000;

/**
 * One DESCRIBE, which opens no session at the camera. A camera with a limit of connections is not asked, and neither is a
 * sub stream that has run.
 */
export function createSubStreamCheck(options: {
  clock: Clock;
  networkPolicy: CameraNetworkPolicy;
  onChange(): void;
}): CheckOfSubStream {
  const { clock, onChange } = options;
  const lifetime = new AbortController();
  let asked: { key: string; atMs: number; answer: SubStreamCheck | null } | null = null;

  async function ask(sub: StreamSettings): Promise<void> {
    const { source, credentials } = sub;
    if (source.kind !== 'rtsp') return;
    const asking = { key: keyOf(sub), atMs: clock.now(), answer: asked?.answer ?? null };
    asked = asking;
    const resolver = createCameraResolver(options.networkPolicy);
    const { signal } = lifetime;
    const described = await describeRtsp({ source, credentials, resolver, timeoutMs, signal });
    // A second connection may be refused only because the main stream has the first.
    if (!described.ok && described.kind === 'TooManyConnections') return;
    asking.answer = described.ok ? { ok: true } : described;
    if (asked === asking) onChange();
  }

  return {
    observe(sub, main, subRun) {
      if (!sub || sub.lifecycle === 'Never' || sub.source.kind !== 'rtsp') return;
      const hasRun = subRun !== undefined && (subRun.lastFrameMs !== null || subRun.phase !== 'stopped');
      const isSettled =
        main.phase === 'running' &&
        main.runningSinceMs !== null &&
        clock.now() - main.runningSinceMs >= afterLiveMs;
      if (hasRun || !isSettled || main.failure?.kind === 'TooManyConnections') return;
      const isSame = asked?.key === keyOf(sub);
      const isDue = asked?.answer?.ok === false && clock.now() - asked.atMs >= againMs;
      // Rejects only when the camera is removed.
      if (!isSame || isDue) ask(sub).catch(() => undefined);
    },
    answer: (sub) => (asked?.key === keyOf(sub) ? asked.answer : null),
    stop: () => lifetime.abort(),
  };
}

function keyOf({ source, credentials, transport }: StreamSettings): string {
  return JSON.stringify([source, credentials, transport]);
}
