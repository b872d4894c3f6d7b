import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs FFmpeg to its end; throws with its error output. `FFMPEG_BIN` is not used: clips do not depend on it. */
export async function runFfmpeg(args: readonly string[]): Promise<void> {
  const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`FFmpeg failed with exit code ${code}: ${complaint.trim()}`);
}
