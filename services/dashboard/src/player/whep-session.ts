import { onAbort } from '@camplane/runtime/abort';
import { asError } from '@camplane/runtime/as-error';
import { createDelayMeter } from './delay-meter.ts';
import { readWebrtcStats } from './media-stats.ts';
import type { WebrtcCounters } from './media-stats.ts';
import { PlayError, failureOfStatus } from './play-failure.ts';
import type { OnEnded, Playback } from './playback.ts';

/** Host candidates arrive within milliseconds; do not wait longer for mDNS or STUN. */
const gatherTimeoutMs = 1_000;

/**
 * Plays a stream over WebRTC with WHEP (draft-ietf-wish-whep): a POST of an offer with all candidates, an answer with
 * `Location`, and a DELETE of that location at the end.
 *
 * Resolves once the connection is established. Throws PlayError or the signal's reason, and closes everything then.
 *
 * @param whepUrl the endpoint, such as `http://host:8889/front-door/whep`
 * @param options.ticket a stream ticket; null: without access control
 */
export async function openWhep(
  whepUrl: string,
  { ticket, onEnded, signal }: { ticket: string | null; onEnded: OnEnded; signal: AbortSignal },
): Promise<Playback> {
  const peer = new RTCPeerConnection();
  let sessionUrl: string | null = null;
  let closed = false;
  const close = (leaving: boolean) => {
    if (closed) return;
    closed = true;
    peer.onconnectionstatechange = null;
    if (sessionUrl === null || leaving) peer.close();
    // DELETE before closing: otherwise the server ends the session itself and answers 404 to the DELETE.
    if (sessionUrl !== null) void endSession(sessionUrl, leaving).finally(() => peer.close());
  };
  try {
    const stream = new MediaStream();
    peer.ontrack = ({ track }) => stream.addTrack(track);
    const video = peer.addTransceiver('video', { direction: 'recvonly' });
    peer.addTransceiver('audio', { direction: 'recvonly' });
    // Prefer low delay to smooth playback.
    preferLowDelay(video.receiver);
    await peer.setLocalDescription(await peer.createOffer());
    await waitForCandidates(peer, signal);
    const answer = await postOffer(whepUrl, { sdp: peer.localDescription?.sdp ?? '', ticket, signal });
    sessionUrl = answer.sessionUrl;
    signal.throwIfAborted();
    await peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    await waitForConnection(peer, signal);
    watchEnd(peer, video.receiver, (detail) => {
      // The server has ended the session, so there is nothing to delete.
      sessionUrl = null;
      if (!closed) onEnded({ kind: 'closed', detail });
    });
    return playbackOf(peer, stream, close);
  } catch (error) {
    close(false);
    throw error;
  }
}

/**
 * Resolves once video arrives, to check a connection before it is shown. Throws PlayError after `timeoutMs`.
 */
export async function receivesVideo(
  playback: Playback,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  const probe = document.createElement('video');
  while (performance.now() < deadlineMs) {
    signal.throwIfAborted();
    const { width, jitterBufferMs, bitrateKbps } = await playback.stats(probe);
    // A frame's size is known once a key frame was decoded; before, that packets come is all that can be seen.
    if (width !== null || jitterBufferMs !== null || (bitrateKbps ?? 0) > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new PlayError('no-frames', 'no video was received');
}

async function postOffer(
  whepUrl: string,
  { sdp, ticket, signal }: { sdp: string; ticket: string | null; signal: AbortSignal },
): Promise<{ sdp: string; sessionUrl: string | null }> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(whepUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/sdp',
        ...(ticket === null ? {} : { authorization: `Bearer ${ticket}` }),
      },
      body: sdp,
      signal,
    });
    text = await response.text();
  } catch (cause) {
    signal.throwIfAborted();
    throw new PlayError('unreachable', `no response from ${new URL(whepUrl).host}`, cause);
  }
  if (response.status !== 201) {
    const failure = failureOfStatus(response.status, errorText(text));
    throw new PlayError(failure.kind, failure.detail);
  }
  const location = response.headers.get('location');
  return { sdp: text, sessionUrl: location === null ? null : new URL(location, response.url).href };
}

function playbackOf(
  peer: RTCPeerConnection,
  stream: MediaStream,
  close: (leaving: boolean) => void,
): Playback {
  let counters: WebrtcCounters | null = null;
  return {
    attach(video) {
      video.removeAttribute('src');
      video.srcObject = stream;
    },
    frameTimeMs: createDelayMeter(async () => (await peer.getStats()).values()),
    hasAudio: () => stream.getAudioTracks().some((track) => !track.muted),
    async stats() {
      const reading = readWebrtcStats((await peer.getStats()).values(), counters, performance.now());
      counters = reading.counters;
      return reading.stats;
    },
    close,
  };
}

async function waitForCandidates(peer: RTCPeerConnection, signal: AbortSignal): Promise<void> {
  if (peer.iceGatheringState === 'complete') return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const done = () => resolve(undefined);
  const timer = setTimeout(done, gatherTimeoutMs);
  peer.onicegatheringstatechange = () => {
    if (peer.iceGatheringState === 'complete') done();
  };
  const removeListener = onAbort(signal, done);
  await promise;
  clearTimeout(timer);
  peer.onicegatheringstatechange = null;
  removeListener();
  signal.throwIfAborted();
}

/** Waits until the player's deadline, which arrives through `signal`. */
async function waitForConnection(peer: RTCPeerConnection, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const check = () => {
    if (peer.connectionState === 'connected') resolve(undefined);
    if (peer.connectionState === 'failed' || peer.connectionState === 'closed') {
      reject(new PlayError('not-connected', 'no network path for media over UDP or TCP'));
    }
  };
  peer.onconnectionstatechange = check;
  const removeListener = onAbort(signal, () => reject(asError(signal.reason)));
  try {
    check();
    await promise;
  } finally {
    removeListener();
  }
}

/** Ignores `disconnected`, which may recover; the player detects the stall. */
function watchEnd(peer: RTCPeerConnection, receiver: RTCRtpReceiver, ended: (detail: string) => void): void {
  let reported = false;
  const report = (detail: string) => {
    if (!reported) ended(detail);
    reported = true;
  };
  peer.onconnectionstatechange = () => {
    if (peer.connectionState === 'failed') report('the network path was lost');
    if (peer.connectionState === 'closed') report('the media server closed the session');
  };
  const { transport } = receiver;
  if (transport) {
    transport.onstatechange = () => {
      if (transport.state === 'closed' || transport.state === 'failed')
        report('the media server closed the session');
    };
  }
}

async function endSession(sessionUrl: string, leaving: boolean): Promise<void> {
  try {
    await fetch(sessionUrl, { method: 'DELETE', keepalive: leaving, signal: AbortSignal.timeout(5_000) });
  } catch {
    // The server times the session out.
  }
}

function preferLowDelay(receiver: RTCRtpReceiver): void {
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
}

/** MediaMTX reports errors as `{"status":"error","error":"…"}`. */
function errorText(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string') {
      return body.error;
    }
  } catch {
    // Not JSON: an error page of a proxy.
  }
  return '';
}
