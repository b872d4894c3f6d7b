import type { Credentials, VideoMode } from '@camplane/contracts/camera';
import type { ProbeResult } from '@camplane/contracts/camera-http';
import { CamplaneError } from '@camplane/contracts/problem';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { explainSource } from './explain-source.ts';
import { observeSource } from './observe-source.ts';
import type { ObserveOptions } from './observe-source.ts';

/** Probes a source before it is saved as a camera: what it sends, what follows, and whether it runs. */
export type Prober = {
  probe(request: {
    url: string;
    transport: 'tcp' | 'udp';
    credentials: Credentials | null;
    mode: VideoMode;
    audio: boolean;
  }): Promise<ProbeResult>;
};

const concurrencyMax = 4;
/** Below the timeout of control-api. */
const timeoutMs = 40_000;

export function createProber(
  options: Pick<
    ObserveOptions,
    'ffmpegPath' | 'ffprobePath' | 'ffmpegLimits' | 'mediaFolder' | 'networkPolicy' | 'signal'
  >,
): Prober {
  let running = 0;
  return {
    async probe({ url, transport, credentials, mode, audio }) {
      const parsed = parseSourceUrl(url);
      if (!parsed.ok) {
        throw new CamplaneError('invalid-body', `url ${parsed.reason}`, {
          fields: [{ path: 'url', message: parsed.reason }],
        });
      }
      if (running >= concurrencyMax) {
        throw new CamplaneError(
          'too-many-requests',
          `At most ${concurrencyMax} sources are probed at once. Retry in a few seconds.`,
        );
      }
      running += 1;
      try {
        return await explain({ ...options, source: parsed.source, transport, credentials }, { mode, audio });
      } finally {
        running -= 1;
      }
    },
  };
}

async function explain(
  options: ObserveOptions,
  { mode, audio }: { mode: VideoMode; audio: boolean },
): Promise<ProbeResult> {
  const late = new RunFailure('TimedOut', `The camera sent no picture within ${timeoutMs / 1000} s.`);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(late), timeoutMs);
  try {
    const signal = AbortSignal.any([options.signal, deadline.signal]);
    const observed = await observeSource({ ...options, signal });
    const { picture, video, source } = observed;
    const explanation = explainSource(observed, mode);
    const asked = explanation.willRun.find((each) => each.mode === mode && each.audio === audio);
    if (asked?.runs === false) {
      return {
        ok: false,
        reason: 'UnsupportedCodec',
        message: asked.message ?? `The source does not run in mode ${mode}.`,
        suggestedMode: explanation.suggestedMode,
      };
    }
    return {
      ok: true,
      video,
      audio: observed.audio,
      source,
      picture: picture && `data:image/jpeg;base64,${picture.toString('base64')}`,
      ...explanation,
    };
  } catch (error) {
    options.signal.throwIfAborted();
    const failure = deadline.signal.aborted ? late : error;
    if (!(failure instanceof RunFailure)) throw failure;
    return { ok: false, reason: failure.kind, message: failure.message, suggestedMode: null };
  } finally {
    clearTimeout(timer);
  }
}
