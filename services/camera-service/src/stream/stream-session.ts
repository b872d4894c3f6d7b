import { setTimeout as delay } from 'node:timers/promises';
import type { SourceFacts } from '@camplane/camera-source/source-facts';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { RunContext } from '@camplane/supervisor/supervise';
import { openStream } from './open-stream.ts';
import { runSession } from './run-session.ts';
import type { SessionOptions } from './run-session.ts';
import type { SourceAttempt, SourceMemory } from './source-memory.ts';
import type { StreamDependencies } from './stream-dependencies.ts';
import type { StreamPath } from './stream-path.ts';
import { planStream } from './stream-plan.ts';
import type { StreamPlan } from './stream-plan.ts';
import type { StreamSettings } from './stream-settings.ts';

const mediaServerWaitMs = 10_000;

type AttemptOptions = Omit<SessionOptions, 'plan' | 'opened' | 'onActivity'> & {
  settings: StreamSettings;
  memory: SourceMemory;
  path: StreamPath;
  dependencies: StreamDependencies;
  /** Frames per second that the camera's frames are requested at. */
  framesFps(): number;
  onPlan(plan: StreamPlan, attempt: SourceAttempt): void;
  /** The path has the tracks of the plan, as soon as MediaMTX accepts it. */
  onPathPrepared(accepted: boolean): void;
};

/**
 * One attempt at a stream: waits for MediaMTX, opens the source, prepares the path, then publishes until the end.
 * Throws RunFailure, never retries.
 */
export async function attemptStream(
  options: AttemptOptions,
  { signal, onActivity }: Pick<RunContext, 'signal' | 'onActivity'>,
): Promise<void> {
  const { settings, memory, path, dependencies } = options;
  await path.slate.stopPublishing();
  await waitForMediaServer(dependencies, signal);
  const { ffmpegPath, ffprobePath, ffmpegLimits, mediaFolder, networkPolicy, clock, random } = dependencies;
  const opened = await openStream(settings, {
    ...{ memory, ffmpegPath, ffprobePath, ffmpegLimits, mediaFolder, networkPolicy, clock, random },
    ...{ signal, onActivity },
    framesFps: options.framesFps,
  });
  try {
    signal.throwIfAborted();
    onActivity();
    await refuseCopy(settings, opened.facts, path);
    const plan = planStream(settings, { ...opened.facts, hasAudio: opened.audio });
    const { relay: _relay, direct: _direct, ...attempt } = opened;
    options.onPlan(plan, attempt);
    options.onPathPrepared(await path.prepare(plan.slate));
    signal.throwIfAborted();
    await publish({ ...options, plan, opened, onActivity }, signal);
  } finally {
    await (opened.relay ?? opened.direct).close();
  }
}

/** Viewers of video that cannot be published as it is see a slate, in a codec that they can read. */
async function refuseCopy(
  { mode }: StreamSettings,
  { copyRefusal = null }: SourceFacts,
  path: StreamPath,
): Promise<void> {
  if (mode !== 'copy' || copyRefusal === null) return;
  await path.prepare({ codec: 'h264', audio: false });
  throw new RunFailure('UnsupportedCodec', copyRefusal);
}

/** Publishes until the first of FFmpeg and the opened source ends. */
async function publish(options: SessionOptions, signal: AbortSignal): Promise<void> {
  const { relay, direct } = options.opened;
  const sourceEnd = followEnd(relay ?? direct);
  try {
    await runSession(options, AbortSignal.any([signal, sourceEnd.signal]));
  } catch (error) {
    if (error instanceof RunFailure && error.kind === 'ProcessorLimitExceeded') throw error;
    // FFmpeg's reason follows from that of the source.
    const reason = sourceEnd.failure() ?? direct?.failure();
    throw reason ?? (relay === null && isFfmpegLogin(error, options) ? loginDiffers(error) : error);
  }
  const failure = sourceEnd.failure();
  if (failure !== null && !signal.aborted) throw failure;
}

function followEnd({ ended }: { ended: Promise<RunFailure> }): {
  signal: AbortSignal;
  failure(): RunFailure | null;
} {
  const end = new AbortController();
  let failure: RunFailure | null = null;
  void ended.then((reason) => {
    failure = reason;
    end.abort();
  });
  return { signal: end.signal, failure: () => failure };
}

/** Only our client decides that credentials are wrong: FFmpeg cannot log in to every camera. */
function isFfmpegLogin(error: unknown, { settings }: { settings: StreamSettings }): error is RunFailure {
  return (
    settings.source.kind === 'rtsp' && error instanceof RunFailure && error.kind === 'CredentialsRefused'
  );
}

function loginDiffers(cause: RunFailure): RunFailure {
  return new RunFailure(
    'PlayRefused',
    'The camera accepted the login for DESCRIBE, but refused it when FFmpeg connected.',
    { cause },
  );
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
