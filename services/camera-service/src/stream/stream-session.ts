import { setTimeout as delay } from 'node:timers/promises';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { RunContext } from '@camplane/supervisor/supervise';
import { inspectSource } from './inspect-source.ts';
import { runSession } from './run-session.ts';
import type { SessionOptions } from './run-session.ts';
import type { StreamDependencies } from './stream-dependencies.ts';
import type { StreamPath } from './stream-path.ts';
import { planStream } from './stream-plan.ts';
import type { StreamPlan } from './stream-plan.ts';
import type { StreamSettings } from './stream-settings.ts';

/** Some cameras take many seconds to answer; one that is off is noticed when connecting. */
const sourceTimeoutMs = 20_000;
const mediaServerWaitMs = 10_000;

/**
 * One attempt at a stream: waits for MediaMTX, inspects the source, prepares the path, then publishes until the end.
 * Throws RunFailure, never retries.
 */
export async function attemptStream(
  options: Omit<SessionOptions, 'plan' | 'source' | 'onActivity'> & {
    settings: StreamSettings;
    path: StreamPath;
    dependencies: StreamDependencies;
    onPlan(plan: StreamPlan): void;
    /** The path has the tracks of the plan, as soon as MediaMTX accepts it. */
    onPathPrepared(accepted: boolean): void;
  },
  { signal, onActivity }: Pick<RunContext, 'signal' | 'onActivity'>,
): Promise<void> {
  const { settings, path, dependencies } = options;
  await path.slate.stopPublishing();
  await waitForMediaServer(dependencies, signal);
  const source = await inspectSource(settings, {
    ffmpegPath: dependencies.ffmpegPath,
    ffprobePath: dependencies.ffprobePath,
    mediaFolder: dependencies.mediaFolder,
    timeoutMs: sourceTimeoutMs,
    signal,
  });
  signal.throwIfAborted();
  onActivity();
  const plan = planStream(settings, source);
  options.onPlan(plan);
  options.onPathPrepared(await path.prepare(plan.slate));
  signal.throwIfAborted();
  await runSession({ ...options, plan, source, onActivity }, signal);
}

async function waitForMediaServer(
  { paths, clock }: Pick<StreamDependencies, 'paths' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = clock.now() + mediaServerWaitMs;
  while (!paths.up) {
    if (clock.now() > deadlineMs)
      throw new RunFailure('MediaServerUnavailable', 'MediaMTX does not respond.');
    await delay(50, undefined, { signal });
  }
}
