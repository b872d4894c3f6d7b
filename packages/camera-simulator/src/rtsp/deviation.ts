import type { SoundRecipe } from './sound.ts';
import type { VideoRecipe } from './video-clip.ts';

export type TrackKind = 'video' | 'audio' | 'metadata' | 'backchannel';

export type LoginScheme = 'basic' | 'md5' | 'md5-sess' | 'sha256';

export type LoginDeviation = {
  username: string;
  password: string;
  /** The challenges that a refusal offers, in this order. */
  schemes: readonly LoginScheme[];
  qop?: 'auth';
  realm?: string;
  /** A nonce holds for the connection (default), for one request, or the first one of a connection is stale. */
  nonce?: 'per-request' | 'stale-first';
  /** Closes the connection after a refusal without a login. */
  closes?: boolean;
};

/** A change of the session description; they apply in order. */
export type SdpEdit = (text: string) => string;

/** A status in place of an answer to this method; `*`: to any. */
export type Refusal = { method: string; status: number; track?: TrackKind; times?: number };

/** A change of the clock of RTP timestamps, counted from the camera's first PLAY. */
export type StampJump = { afterSeconds: number; bySeconds: number };

/**
 * What a camera does otherwise than an ordinary one. Every part is optional; two deviations merge (see
 * `mergeDeviations`). Times count from the camera's first PLAY unless stated otherwise.
 */
export type RtspDeviation = {
  video?: Partial<VideoRecipe>;
  sound?: SoundRecipe;
  login?: LoginDeviation;

  tracks?: {
    /** Tracks beside video and sound. */
    more?: readonly ('metadata' | 'backchannel')[];
    soundFirst?: boolean;
    /** The value of `a=control` by kind; `BASE` stands for the address of the stream. */
    control?: Partial<Record<TrackKind, string>>;
  };
  sdp?: {
    edits?: readonly SdpEdit[];
    /** Omits the parameter sets. */
    withoutParameterSets?: boolean;
    contentBase?: 'none' | 'wrong-host';
    /** Added to the true Content-Length. */
    contentLengthError?: number;
  };

  refusals?: readonly Refusal[];
  /** Every answer is a redirect to this address; empty: to the requested one. */
  redirectsTo?: string;
  session?: {
    /** Null: the Session header has no timeout. */
    timeoutSeconds?: number | null;
    /** Ends a session that sent no request for its timeout. */
    needsKeepAlive?: boolean;
    /** One connection at a time; the place becomes free this long after it ended. */
    singleFreeAfterMs?: number;
    /** Ends each connection this long after its PLAY. */
    endsAfterSeconds?: number;
  };
  transport?: {
    only?: 'tcp' | 'udp';
    /** Added to the interleaved channels that the client asked for. */
    channelOffset?: number;
    withoutRtpInfo?: boolean;
    /** Sends its own OPTIONS request after PLAY. */
    asksClient?: boolean;
    /** Sends this many pictures before the answer to PLAY. */
    picturesBeforeAnswer?: number;
    /** Random bytes between two pictures, every this many pictures. */
    garbageEvery?: number;
    /** Parameter sets and key frame in one packet where they fit (STAP-A). */
    aggregates?: boolean;
    /** Every this many pictures, one RTP packet is not sent. */
    dropsPacketEvery?: number;
  };
  delays?: { firstAnswerMs?: number; describeMs?: number; setupMs?: number; playMs?: number };
  pace?: {
    /** Pictures come in groups at this interval. */
    burstSeconds?: number;
    /** Alternates between sending at the rate and at a third of it, each for that long. */
    variesEverySeconds?: number;
    freeze?: { atSeconds: number; forSeconds: number };
    /** The stream starts right after a key frame for each client, so that the next is the furthest away. */
    joinsAfterKeyFrame?: boolean;
    /** Nothing at all for this long after PLAY. */
    firstPictureSeconds?: number;
    /** No pictures ever. */
    silent?: boolean;
  };
  stamps?: {
    /** Timestamp of the first picture. */
    start?: number;
    jumps?: readonly StampJump[];
    /** Ticks per true tick: 1.01 runs fast. */
    drift?: number;
    /** All pictures carry the same timestamp. */
    constant?: boolean;
    /** Timestamps follow the arrival, with noise. */
    jitterMs?: number;
    withoutMarkers?: boolean;
  };
  rtcp?: { none?: boolean; byeAfterSeconds?: number; wildClock?: boolean };
  tls?: {
    certificate?: 'self-signed' | 'expired';
    /** The only version. */
    version?: 'TLSv1' | 'TLSv1.2' | 'TLSv1.3';
    ciphers?: string;
  };
  /** Does not speak RTSP: sends random bytes, never answers, closes, or speaks HTTP. */
  speaks?: 'garbage' | 'nothing' | 'hang-up' | 'http';
};

/** Two deviations in one camera: lists append, the other options of `b` win. */
export function mergeDeviations<T extends object>(a: T, b: T): T {
  return merge(a, b) as T;
}

function merge(a: unknown, b: unknown): unknown {
  if (b === undefined) return a;
  if (Array.isArray(a) && Array.isArray(b)) return [...(a as unknown[]), ...(b as unknown[])];
  if (!isPlain(a) || !isPlain(b)) return b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(a[key], b[key])]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
