import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cachedFile } from '../cached-file.ts';
import { runFfmpeg } from '../run-ffmpeg.ts';
import type { HttpCamera } from './http-camera.ts';
import { startHttpCamera } from './http-camera.ts';

export type HlsDeviation = {
  segmentSeconds?: number;
  /** Segments in the playlist; default 3. */
  listed?: number;
  /** Every this many segments, timestamps start at 0 again, with EXT-X-DISCONTINUITY. */
  discontinuityEvery?: number;
};

const clipSegments = 24;
const fps = 10;

/** Starts a camera that serves a live HLS playlist with segments of MPEG-TS (RFC 8216). */
export async function startHlsCamera(
  deviation: HlsDeviation,
  options: { cacheFolder: string; port?: number; host?: string },
): Promise<HttpCamera> {
  const { segmentSeconds = 2, listed = 3 } = deviation;
  const wrap = deviation.discontinuityEvery ?? clipSegments;
  const folder = await segments(segmentSeconds, options.cacheFolder);
  const startedMs = performance.now();
  const playlist = () => {
    const last = listed + Math.floor((performance.now() - startedMs) / 1000 / segmentSeconds);
    const lines = ['#EXTM3U', '#EXT-X-VERSION:3', `#EXT-X-TARGETDURATION:${segmentSeconds}`];
    lines.push(`#EXT-X-MEDIA-SEQUENCE:${last - listed}`);
    for (let index = last - listed; index < last; index += 1) {
      if (index > 0 && index % wrap === 0) lines.push('#EXT-X-DISCONTINUITY');
      lines.push(`#EXTINF:${segmentSeconds}.000,`, `${index}.ts`);
    }
    return `${lines.join('\n')}\n`;
  };
  return startHttpCamera({
    ...options,
    path: '/live.m3u8',
    serve: (request, response) => {
      const name = basename(request.url ?? '');
      if (name === 'live.m3u8') {
        response.writeHead(200, { 'Content-Type': 'application/vnd.apple.mpegurl' }).end(playlist());
        return;
      }
      const index = Number.parseInt(name, 10) % wrap;
      readFile(join(folder, `${index}.ts`)).then(
        (bytes) => response.writeHead(200, { 'Content-Type': 'video/mp2t' }).end(bytes),
        () => response.writeHead(404).end(),
      );
    },
  });
}

async function segments(segmentSeconds: number, cacheFolder: string): Promise<string> {
  const seconds = String(segmentSeconds * clipSegments);
  const input = ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=${fps}`, '-t', seconds];
  const keys = `keyint=${fps * 2}:min-keyint=${fps * 2}:scenecut=0:bframes=0`;
  const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-x264-params', keys];
  const muxer = ['-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_list_size', '0'];
  const args = [...input, ...encoder, ...muxer];
  const key = createHash('sha256').update(JSON.stringify(args)).digest('hex').slice(0, 20);
  return cachedFile(cacheFolder, `segments-${key}`, async (partial) => {
    await mkdir(partial);
    await runFfmpeg([...args, '-hls_segment_filename', join(partial, '%d.ts'), join(partial, 'all.m3u8')]);
  });
}
