import { onAbort } from '@camplane/runtime/abort';
import { asError } from '@camplane/runtime/as-error';
import type Hls from 'hls.js';
import type { ErrorData, HlsConfig } from 'hls.js';
import { codecName } from './media-stats.ts';
import type { MediaStats } from './media-stats.ts';
import { hlsFrameTimeMs } from './frame-time.ts';
import { PlayError, failureOfStatus } from './play-failure.ts';
import type { PlayFailure } from './play-failure.ts';
import type { OnEnded, Playback } from './playback.ts';
import { withTicket } from './stream-tickets.ts';
import type { StreamTickets } from './stream-tickets.ts';

export type HlsOptions = {
  video: HTMLVideoElement;
  tickets: StreamTickets;
  onEnded: OnEnded;
  signal: AbortSignal;
};

/** The player retries itself, so hls.js fails early. */
const settings: Partial<HlsConfig> = {
  lowLatencyMode: true,
  // Camplane serves fragmented MP4, which needs no remuxing in a worker.
  enableWorker: false,
  backBufferLength: 10,
  maxBufferLength: 15,
  liveSyncDurationCount: 2,
  maxLiveSyncPlaybackRate: 1.5,
  startFragPrefetch: true,
};

/**
 * Plays a stream over HLS: with hls.js, which is loaded on demand, or with the browser's own player (Safari on iPhone).
 * Resolves when media can be played. Throws PlayError or the signal's reason.
 */
export async function openHls(playlistUrl: string, options: HlsOptions): Promise<Playback> {
  const { video, tickets, signal } = options;
  const { default: HlsPlayer } = await import('hls.js').catch((cause: unknown) => {
    throw new PlayError('unreachable', 'the HLS player could not be loaded', cause);
  });
  signal.throwIfAborted();
  if (HlsPlayer.isSupported()) {
    const open = (ticket: string | null) => openWithHlsJs(HlsPlayer, { ...options, playlistUrl, ticket });
    return withTicket(tickets, open, signal);
  }
  if (video.canPlayType('application/vnd.apple.mpegurl') !== '') {
    // This player cannot send headers.
    const ticket = await tickets.address(signal);
    return openNatively(ticket === null ? playlistUrl : `${playlistUrl}?ticket=${ticket}`, options);
  }
  throw new PlayError('unsupported', 'this browser does not support HLS');
}

async function openWithHlsJs(
  HlsPlayer: typeof Hls,
  options: HlsOptions & { playlistUrl: string; ticket: string | null },
): Promise<Playback> {
  const { playlistUrl, ticket, video, onEnded, signal } = options;
  const hls = new HlsPlayer({
    ...settings,
    xhrSetup(request, url) {
      // The first playlist opens the session; its other addresses contain the session.
      if (ticket !== null && url === playlistUrl)
        request.setRequestHeader('authorization', `Bearer ${ticket}`);
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let opened = false;
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    hls.destroy();
  };
  hls.on(HlsPlayer.Events.MANIFEST_PARSED, () => resolve(undefined));
  hls.on(HlsPlayer.Events.ERROR, (_, data) => {
    if (!data.fatal) return;
    const failure = failureOfHls(data);
    if (opened && !closed) onEnded(failure);
    else reject(new PlayError(failure.kind, failure.detail));
  });
  const removeListener = onAbort(signal, () => reject(asError(signal.reason)));
  try {
    video.srcObject = null;
    hls.loadSource(playlistUrl);
    hls.attachMedia(video);
    await promise;
    opened = true;
  } catch (error) {
    close();
    throw error;
  } finally {
    removeListener();
  }
  return {
    attach: () => undefined,
    // EXT-X-PROGRAM-DATE-TIME is more accurate than the distance to the newest part.
    frameTimeMs: (serverNowMs) =>
      hlsFrameTimeMs(serverNowMs, hls.playingDate?.getTime() ?? null, hls.latency * 1000),
    hasAudio: () => hls.audioTracks.length > 0 || hls.levels.some((level) => level.audioCodec !== undefined),
    stats: async () => ({
      ...noStats,
      latencyMs: hls.latency > 0 ? hls.latency * 1000 : null,
      codec: codecName(hls.levels[Math.max(0, hls.currentLevel)]?.videoCodec ?? null),
      width: video.videoWidth || null,
      height: video.videoHeight || null,
      bitrateKbps: null,
    }),
    close,
  };
}

async function openNatively(playlistUrl: string, { video, onEnded, signal }: HlsOptions): Promise<Playback> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const failed = () => reject(new PlayError('server', video.error?.message ?? ''));
  const ended = () => onEnded({ kind: 'closed', detail: video.error?.message ?? '' });
  const removeListener = onAbort(signal, () => reject(asError(signal.reason)));
  video.addEventListener('loadedmetadata', () => resolve(undefined), { once: true });
  video.addEventListener('error', failed, { once: true });
  try {
    video.srcObject = null;
    video.src = playlistUrl;
    await promise;
  } catch (error) {
    video.removeAttribute('src');
    video.load();
    throw error;
  } finally {
    removeListener();
    video.removeEventListener('error', failed);
  }
  video.addEventListener('error', ended);
  video.addEventListener('ended', ended);
  return {
    attach: () => undefined,
    frameTimeMs: (serverNowMs) => {
      const latencyMs =
        video.seekable.length > 0 ? (video.seekable.end(0) - video.currentTime) * 1000 : Number.NaN;
      return hlsFrameTimeMs(serverNowMs, null, latencyMs);
    },
    // Unknown without a Safari-only property; a superfluous mute button is harmless.
    hasAudio: () => true,
    stats: async () => ({
      ...noStats,
      latencyMs: video.seekable.length > 0 ? (video.seekable.end(0) - video.currentTime) * 1000 : null,
      width: video.videoWidth || null,
      height: video.videoHeight || null,
    }),
    close() {
      video.removeEventListener('error', ended);
      video.removeEventListener('ended', ended);
      video.removeAttribute('src');
      video.load();
    },
  };
}

const noStats: MediaStats = {
  transport: 'hls',
  latencyMs: null,
  codec: null,
  width: null,
  height: null,
  bitrateKbps: null,
  jitterBufferMs: null,
  roundTripMs: null,
  packetsLost: null,
  route: null,
};

function failureOfHls(data: ErrorData): PlayFailure {
  if (/codec|Codec|addCodec/.test(data.details)) return { kind: 'codec', detail: data.details };
  const status = data.response?.code ?? 0;
  if (String(data.type) === 'networkError') {
    return status >= 400 ? failureOfStatus(status, '') : { kind: 'unreachable', detail: data.details };
  }
  return { kind: 'server', detail: data.details };
}
