import type { Credentials } from '@camplane/contracts/camera';
import type { ProbeResult } from '@camplane/contracts/camera-http';
import { CamplaneError } from '@camplane/contracts/problem';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import { probeSource } from '@camplane/ffmpeg/probe';
import { codecName } from '../status/codec-name.ts';

/** Probes a source before it is saved as a camera: its video and audio, a preview image, and advice. */
export type Prober = {
  probe(request: {
    url: string;
    transport: 'tcp' | 'udp';
    credentials: Credentials | null;
  }): Promise<ProbeResult>;
};

const concurrencyMax = 4;
const timeoutMs = 10_000;

export function createProber(options: {
  ffmpegPath: string;
  ffprobePath: string;
  mediaFolder: string;
  signal: AbortSignal;
}): Prober {
  let running = 0;
  return {
    async probe({ url, transport, credentials }) {
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
        const probed = await probeSource({
          source: parsed.source,
          transport,
          credentials,
          ffmpegPath: options.ffmpegPath,
          ffprobePath: options.ffprobePath,
          mediaFolder: options.mediaFolder,
          timeoutMs,
          picture: true,
          signal: options.signal,
        });
        if (!probed.ok) return { ok: false, reason: probed.kind, message: probed.message };
        const { video, audio } = probed;
        const picture = probed.picture ? `data:image/jpeg;base64,${probed.picture.toString('base64')}` : null;
        return { ok: true, video, audio, picture, ...adviceOn(video) };
      } finally {
        running -= 1;
      }
    },
  };
}

/** Problems of a source, with the remedy, and the mode that suits it. */
function adviceOn(video: { codec: string; hasBFrames: boolean; height: number }): {
  advice: string[];
  suggestedMode: 'copy' | 'transcode';
} {
  if (video.codec !== 'h264') {
    return {
      advice: [
        `The camera sends ${codecName(video.codec)}, which browsers do not play over WebRTC. Mode transcode converts it to H.264, which takes about one core for 1080p. Configuring the camera to send H.264 is cheaper.`,
      ],
      suggestedMode: 'transcode',
    };
  }
  if (video.hasBFrames) {
    return {
      advice: [
        'The camera sends B-frames, which WebRTC does not support. Turn them off in the camera, or choose mode transcode.',
      ],
      suggestedMode: 'transcode',
    };
  }
  return { advice: [], suggestedMode: 'copy' };
}
