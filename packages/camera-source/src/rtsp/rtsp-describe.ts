import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { openRtspSource } from './open-rtsp-source.ts';
import type { OpenRtspSourceOptions } from './open-rtsp-source.ts';
import type { DescribedAudio } from './sdp.ts';

export type RtspDescription =
  | { ok: true; video: { codec: string; width?: number; height?: number }; audio: DescribedAudio | null }
  | { ok: false; kind: StreamFailureKind; message: string };

export type DescribeRtspOptions = Omit<OpenRtspSourceOptions, 'answerTimeoutMs'> & { timeoutMs: number };

/**
 * Requests the description of an RTSP path without playing it, and closes the connection. Rejects only when the signal
 * is aborted, with its reason.
 */
export async function describeRtsp(options: DescribeRtspOptions): Promise<RtspDescription> {
  try {
    const opened = await openRtspSource({ ...options, answerTimeoutMs: options.timeoutMs });
    opened.close();
    const { codec, width, height } = opened.facts;
    const size = width !== null && height !== null ? { width, height } : {};
    return { ok: true, video: { codec, ...size }, audio: opened.details.audio };
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof RunFailure) return { ok: false, kind: error.kind, message: error.message };
    throw error;
  }
}
