import { setTimeout as delay } from 'node:timers/promises';
import { onAbort } from '@camplane/runtime/abort';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { RelayOptions, SourceRelay } from '../open-source.ts';
import type { SourceFacts } from '../source-facts.ts';
import { setUpTracks } from './camera-playback.ts';
import type { CameraPlayback, PlaybackOptions } from './camera-playback.ts';
import { h264StreamFacts } from './h264-sps.ts';
import { h265StreamFacts } from './h265-sps.ts';
import { relayDescription } from './relay-description.ts';
import { createRelayOutput } from './relay-output.ts';
import type { RelayOutput } from './relay-output.ts';
import { startRelayServer } from './relay-server.ts';
import { createRelayTracks } from './relay-tracks.ts';
import type { RelayTracks } from './relay-tracks.ts';
import type { RtspConnection } from './rtsp-connection.ts';

export type RtspRelayOptions = Omit<RelayOptions, 'audio'> & PlaybackOptions & { facts: SourceFacts };

const activityIntervalMs = 250;
/** Without any packet after PLAY. */
const firstPacketTimeoutMs = 20_000;
/** Without a key frame, while packets arrive. */
const recoveryPointsAfterMs = 5000;
const recoveryPointsMin = 2;
const anyPictureAfterMs = 120_000;
/** From the first picture to the first sound. */
const soundWaitMs = 2000;
/** Some cameras continue after RTCP BYE. */
const goodbyeGraceMs = 2000;
const pollMs = 20;
const fillIntervalMs = 40;

/**
 * Plays an opened source on its connection, and serves it on loopback once a key frame has arrived and it is known whether
 * sound is sent. Throws RunFailure, or the reason of the signal.
 */
export async function startRtspRelay(options: RtspRelayOptions): Promise<SourceRelay> {
  const { client, signal } = options;
  const stop = new AbortController();
  const waiting = AbortSignal.any([signal, stop.signal]);
  const output = createRelayOutput();
  const ending = Promise.withResolvers<RunFailure>();
  let playback: CameraPlayback | undefined;
  try {
    playback = await setUpTracks(options);
    const connection = client.connection();
    const tracks = receiveTracks(options, playback, {
      connection,
      output,
      end: ending.resolve,
      stop: stop.signal,
    });
    followConnection(connection, ending.resolve);
    await playback.play();
    playback.keepAlive(stop.signal);
    await Promise.race([
      waitForStart(tracks, output, waiting),
      ending.promise.then((failure) => Promise.reject(failure)),
    ]);
    const hasAudio = playback.audio !== null && (await hasSound(tracks, waiting));
    if (!hasAudio) tracks.dropAudio();
    const server = await startRelayServer({
      description: () =>
        relayDescription({
          video: options.video,
          videoSets: tracks.observer.parameterSets(),
          audio: hasAudio ? options.audio : null,
        }),
      output,
    });
    void ending.promise.then(() => server.endReader());
    const filling = hasAudio ? setInterval(() => tracks.fillPauses(), fillIntervalMs) : undefined;
    const closing = createClosing(async () => {
      clearInterval(filling);
      stop.abort();
      removeListener();
      ending.resolve(new RunFailure('Ended', 'The relay was closed.'));
      await Promise.all([server.close(), playback?.teardown()]);
      client.close();
    });
    const removeListener = onAbort(signal, () => void closing());
    return {
      url: server.url,
      format: 'rtsp',
      hasAudio,
      facts: factsWith(options.facts, tracks),
      report: () => ({ ...tracks.report(), firstPictureMs: tracks.firstPictureMs }),
      ended: ending.promise,
      close: closing,
    };
  } catch (error) {
    stop.abort();
    await playback?.teardown();
    client.close();
    signal.throwIfAborted();
    throw error;
  }
}

function createClosing(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  return () => (closed ??= close());
}

function receiveTracks(
  options: RtspRelayOptions,
  playback: CameraPlayback,
  relay: {
    connection: RtspConnection;
    output: RelayOutput;
    end(reason: RunFailure): void;
    stop: AbortSignal;
  },
): RelayTracks {
  let reportedMs = -Infinity;
  const tracks = createRelayTracks({
    video: options.video,
    videoChannels: playback.video,
    audio: options.audio,
    audioChannels: playback.audio,
    mayReorder: options.facts.hasBFrames !== false,
    output: relay.output,
    now: () => performance.now(),
    onRead: (nowMs) => {
      if (nowMs - reportedMs < activityIntervalMs) return;
      reportedMs = nowMs;
      options.onActivity();
    },
    onGoodbye: () => {
      const { pictures } = tracks.report();
      const timer = setTimeout(() => {
        if (tracks.report().pictures > pictures + 1) return;
        relay.end(new RunFailure('Ended', 'The camera ended the stream (RTCP BYE).'));
      }, goodbyeGraceMs);
      onAbort(relay.stop, () => clearTimeout(timer));
    },
  });
  relay.connection.receive(tracks);
  return tracks;
}

function followConnection(connection: RtspConnection, end: (reason: RunFailure) => void): void {
  connection.onRequest(({ method }) => {
    if (method === 'TEARDOWN') end(new RunFailure('Ended', 'The camera ended the session (TEARDOWN).'));
    if (method === 'REDIRECT') {
      end(new RunFailure('Redirected', 'The camera redirects to another address, which is not followed.'));
    }
  });
  void connection.closed.then((cause) => {
    end(new RunFailure('Ended', 'The camera closed the connection while it played.', { cause }));
  });
}

/** Waits for the access unit with which FFmpeg can start, as long as packets arrive. */
async function waitForStart(tracks: RelayTracks, output: RelayOutput, signal: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  while (!output.hasEntry) {
    await delay(pollMs, undefined, { signal });
    const waitedMs = performance.now() - startedMs;
    const { lastActivityMs } = tracks.report();
    const silentMs = performance.now() - (lastActivityMs ?? startedMs);
    if (silentMs > firstPacketTimeoutMs) {
      const what = lastActivityMs === null ? 'sent nothing' : 'stopped sending before a key frame';
      throw new RunFailure(
        'NoFirstFrame',
        `The camera accepted PLAY and ${what} (${firstPacketTimeoutMs / 1000} s).`,
      );
    }
    if (waitedMs > anyPictureAfterMs) tracks.setEntryPoints('any picture');
    else if (waitedMs > recoveryPointsAfterMs && tracks.observer.recoveryPoints >= recoveryPointsMin) {
      tracks.setEntryPoints('recovery points');
    }
  }
}

async function hasSound(tracks: RelayTracks, signal: AbortSignal): Promise<boolean> {
  while (tracks.report().audioPackets === 0) {
    if (performance.now() - (tracks.firstPictureMs ?? Infinity) > soundWaitMs) return false;
    await delay(pollMs, undefined, { signal });
  }
  return true;
}

/** The facts of the description, corrected by the parameter sets of the stream. */
function factsWith(facts: SourceFacts, tracks: RelayTracks): SourceFacts {
  const read =
    facts.codec === 'h264' ? h264StreamFacts : facts.codec === 'h265' ? h265StreamFacts : () => undefined;
  const stated = tracks.observer
    .parameterSets()
    .map((set) => read(set))
    .find((found) => found !== undefined);
  const size = stated ?? tracks.observer.size;
  const { hasBFrames, fps } = tracks.report();
  return {
    ...facts,
    width: size?.width ?? facts.width,
    height: size?.height ?? facts.height,
    fps: fps ?? facts.fps,
    hasBFrames: hasBFrames ?? stated?.hasBFrames ?? facts.hasBFrames,
  };
}
