import { videoCodecName } from '@camplane/contracts/video-codec-name';
import type { StreamFacts } from './stream-facts.ts';
import type { Verdict } from './verdict.ts';

/** Codecs that browsers play over WebRTC (H.264 everywhere; VP8, VP9 and AV1 in most). */
const browserCodecs = new Set(['h264', 'vp8', 'vp9', 'av1']);
/** 8 bits, 4:2:0: browsers play no other H.264. */
const browserPixelFormats = new Set(['yuv420p', 'yuvj420p', 'nv12']);

/** Whether browsers play the published video, according to a sample of it. */
export function browserPlayable({ mode, source, reading }: StreamFacts): Verdict {
  const { browser } = reading;
  if (mode !== 'copy') {
    if (!browser) return notSeen;
    return {
      status: 'True',
      reason: 'Encoded',
      message: 'The stream is encoded to H.264 without B-frames, which browsers play.',
    };
  }
  if (!source) return { status: 'Unknown', reason: 'NotProbed', message: 'The source was not probed yet.' };
  const codec = videoCodecName(source.codec);
  if (!browserCodecs.has(source.codec)) {
    return notPlayable(
      'CodecNotPlayable',
      `The camera sends ${codec}, which browsers do not play over WebRTC. Choose mode transcode, or H.264 in the camera.`,
    );
  }
  if (source.hasBFrames === true || browser?.hasBFrames === true) {
    return notPlayable(
      'BFrames',
      'The camera sends B-frames, which WebRTC does not support. Choose mode transcode, or turn B-frames off in the camera.',
    );
  }
  if (browser?.hasKeyFrames === false) {
    return notPlayable(
      'NoKeyFrames',
      'The camera sends no key frames, which WebRTC and HLS need. Turn off intra refresh in the camera, or choose mode transcode.',
    );
  }
  const pixelFormat = browser?.pixelFormat ?? null;
  if (pixelFormat !== null && !browserPixelFormats.has(pixelFormat)) {
    return notPlayable(
      'ProfileNotPlayable',
      `The camera sends ${codec} as ${pixelFormat}, which browsers do not play: they need 8 bits and 4:2:0. Choose profile High or Main in the camera, or mode transcode.`,
    );
  }
  const needsPictures = source.codec === 'h264';
  if (pixelFormat === null || (needsPictures && browser?.hasBFrames !== false)) return notSeen;
  return {
    status: 'True',
    reason: 'CodecPlayable',
    message: `The camera sends ${codec}, which browsers play.`,
  };
}

const notSeen: Verdict = {
  status: 'Unknown',
  reason: 'NotSeen',
  message: 'No picture was decoded yet.',
};

function notPlayable(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}
