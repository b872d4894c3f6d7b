import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type PicturesRead = {
  /** Presentation times of the decoded pictures, in seconds. */
  times: readonly number[];
  soundPackets: number;
  /** FFmpeg's errors after the first third of the pictures: a reader may join between key frames. */
  errors: readonly string[];
  /** FFmpeg's last output, for failures. */
  output: string;
};

/** Decodes this many pictures of a published path with FFmpeg, or fewer within the time limit. */
export async function readPictures(url: string, count: number, timeoutMs: number): Promise<PicturesRead> {
  const input = url.startsWith('rtsp:') ? ['-rtsp_transport', 'tcp'] : [];
  const probing = ['-analyzeduration', '1000000', '-fflags', 'nobuffer'];
  const args = [
    ...['-hide_banner', '-nostdin', '-v', 'error', ...probing, ...input, '-i', url],
    // Without a decoded picture of each, FFmpeg would wait for the sound.
    ...['-map', '0:v:0', '-map', '0:a?', '-c:a', 'copy', '-fps_mode', 'passthrough', '-enc_time_base', '-1'],
    ...['-flush_packets', '1', '-max_interleave_delta', '100000', '-f', 'framecrc', 'pipe:1'],
  ];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const times: number[] = [];
  const errors: string[] = [];
  let output = '';
  let soundPackets = 0;
  let timeBase = 1;
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const base = /^#tb 0: (\d+)\/(\d+)/.exec(line);
    if (base) timeBase = Number(base[1]) / Number(base[2]);
    if (line.startsWith('#')) return;
    const [stream, , presentation] = line.split(',').map((field) => Number(field));
    if (stream !== 0) {
      soundPackets += 1;
      return;
    }
    times.push((presentation ?? 0) * timeBase);
    if (times.length >= count) child.kill('SIGKILL');
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    output = `${output}${line}\n`.slice(-2000);
    if (times.length > count / 3 && times.length < count) errors.push(line);
  });
  await ended;
  clearTimeout(timer);
  return { times, soundPackets, errors, output };
}
