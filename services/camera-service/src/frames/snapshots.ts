import { buildSnapshot } from '@camplane/ffmpeg/arguments/snapshot';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { jpegSize } from '@camplane/jpeg-tap/jpeg-size';
import type { WallClock } from '@camplane/runtime/clock';
import { startChild } from '@camplane/supervisor/child-process';

/**
 * A picture of a live path on request, for cameras whose tap is off. Few run at a time, and requests for the
 * same path share one: a page full of tiles must not start a decoder for each viewer.
 */
export type Snapshots = { take(path: string): Promise<JpegFrame | null> };

const snapshotsAtOnce = 4;
const timeoutMs = 6000;
const largestBytes = 8 * 1024 * 1024;

export function createSnapshots(options: {
  ffmpegPath: string;
  url(path: string): string;
  signal: AbortSignal;
  wallClock: WallClock;
}): Snapshots {
  const running = new Map<string, Promise<JpegFrame | null>>();

  async function takeOne(path: string): Promise<JpegFrame | null> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const child = startChild({
      name: `${path} snapshot`,
      command: options.ffmpegPath,
      ...buildSnapshot({ url: options.url(path) }),
      stdout: (chunk) => {
        bytes += chunk.length;
        if (bytes <= largestBytes) chunks.push(chunk);
      },
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]),
      killAfterMs: 500,
    });
    await child.ended;
    const jpeg = Buffer.concat(chunks);
    const size = bytes > largestBytes ? null : jpegSize(jpeg);
    return size ? { jpeg, ...size, sequence: 0, capturedAt: options.wallClock.epochMs() } : null;
  }

  return {
    take(path) {
      const shared = running.get(path);
      if (shared) return shared;
      if (running.size >= snapshotsAtOnce) return Promise.resolve(null);
      const taken = takeOne(path).finally(() => running.delete(path));
      running.set(path, taken);
      return taken;
    },
  };
}
