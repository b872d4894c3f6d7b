import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { buildOverlayDecode } from '@camplane/ffmpeg/arguments/overlay-decode';
import { buildOverlayEncode } from '@camplane/ffmpeg/arguments/overlay-encode';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { waitUntil } from '@camplane/testkit/wait-until';
import {
  endTrials,
  folder,
  fps,
  grayFrames,
  height,
  pidOf,
  prepareTrials,
  samples,
  start,
  traces,
  tracesBefore,
  width,
} from './testing/overlay-trial.ts';
import type { Session } from './testing/overlay-trial.ts';

jest.setTimeout(60_000);

/** A flash and a tone of 0.2 s every two seconds, starting together. Otherwise plain grey and silence. */
const flashes = `color=gray:s=${width}x${height}:r=${fps},drawbox=40:100:200:200:white:fill:enable='lt(mod(t,2),0.2)'`;
const tones = (toS: number) =>
  `aevalsrc='if(lt(mod(t,2),0.2),0.5*sin(2*PI*1000*t),0)':s=48000,atrim=end=${toS}`;
const flashRegion = { left: 100, top: 150, right: 110, bottom: 160 };
const clipS = 20;
const ffmpeg = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'];

beforeAll(async () => {
  await prepareTrials();
  await makeClip('together.nut', clipS);
  // Its sound ends early: the track exists, but no more samples arrive.
  await makeClip('early-end.nut', 2);
});
afterAll(endTrials);

async function makeClip(name: string, soundS: number): Promise<void> {
  const inputs = ['-f', 'lavfi', '-i', flashes, '-f', 'lavfi', '-i', tones(soundS)];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', String(fps)];
  const output = ['-pix_fmt', 'yuv420p', '-c:a', 'pcm_mulaw', '-ar', '8000', '-ac', '1', '-t', String(clipS)];
  await promisify(execFile)('ffmpeg', [...ffmpeg, ...inputs, ...video, ...output, join(folder.path, name)]);
}

/** A session with sound, built like a camera's, that writes a file instead of publishing to MediaMTX. */
function startWithSound(clip: string, file: string): Session {
  return start({
    sound: true,
    decode: (output, size, soundOutput) => {
      const { args } = buildOverlayDecode({
        source: { kind: 'file', path: clip },
        transport: 'tcp',
        credentials: null,
        mediaFolder: folder.path,
        ...size,
        format: 'bgr24',
        output,
        soundOutput,
      });
      // As for a camera: for a file, which may have B-frames, decoding threads would delay frames.
      return { args: ['-flags', 'low_delay', ...args] };
    },
    encode: (input, size, sound) => {
      const target = 'rtsp://unused';
      const { args } = buildOverlayEncode({ input, ...size, fps, format: 'bgr24', target, sound });
      return { args: [...args.slice(0, args.lastIndexOf('-f')), '-y', '-f', 'nut', file] };
    },
  });
}

const delivered = (session: Session, count: number) =>
  waitUntil(
    () => session.counts.delivered,
    (now) => now >= count,
    { what: `${count} frames`, timeoutMs: 30_000 },
  );

async function timesOf(file: string, stream: 'v' | 'a'): Promise<number[]> {
  const entries = ['-select_streams', stream, '-show_entries', 'packet=pts_time', '-of', 'csv=p=0'];
  const { stdout } = await promisify(execFile)('ffprobe', ['-v', 'error', ...entries, file]);
  return stdout.trim().split('\n').map(Number);
}

/** Start times of the flashes, in seconds of the stream. */
async function flashTimes(file: string): Promise<number[]> {
  const [times, frames] = [await timesOf(file, 'v'), await grayFrames(file)];
  const bright = frames.map((frame) => Math.min(...samples(frame, flashRegion)) > 200);
  return times.filter((_, n) => bright[n] === true && bright[n - 1] === false);
}

/** Start times of the tones, in seconds of the stream. */
async function toneTimes(file: string): Promise<number[]> {
  const rate = 8000;
  const filters = ['-af', 'aresample=async=1:first_pts=0', '-ar', String(rate), '-ac', '1'];
  const args = [...ffmpeg, '-copyts', '-i', file, '-vn', ...filters, '-f', 's16le', 'pipe:1'];
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 26 });
  const times: number[] = [];
  let loudAt = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < stdout.length / 2; n += 1) {
    if (Math.abs(stdout.readInt16LE(n * 2)) < 3000) continue;
    if (n - loudAt > rate / 2) times.push(n / rate);
    loudAt = n;
  }
  return times;
}

describe('sound in an overlay session', () => {
  it('is published as Opus and stays in sync with the video', async () => {
    const file = join(folder.path, 'together-drawn.nut');
    const session = startWithSound('together.nut', file);
    await delivered(session, 9 * fps);
    session.abort();
    await session.ended;
    const entries = ['-show_entries', 'stream=codec_name,channels,sample_rate', '-of', 'json', file];
    const { stdout } = await promisify(execFile)('ffprobe', ['-v', 'error', ...entries]);
    expect(JSON.parse(stdout)).toMatchObject({
      streams: [{ codec_name: 'h264' }, { codec_name: 'opus', channels: 2, sample_rate: '48000' }],
    });
    const [seen, heard] = [await flashTimes(file), await toneTimes(file)];
    expect(seen.length).toBeGreaterThan(2);
    expect(heard.length).toBeGreaterThan(2);
    // About 0.04 s. An overloaded machine drops frames and draws the others late.
    const times = await timesOf(file, 'v');
    const intervalS = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / (times.length - 1);
    const settled = heard.filter((time) => time > 3);
    const offsets = settled.map((time) => Math.min(...seen.map((flash) => Math.abs(time - flash))));
    offsets.sort((a, b) => a - b);
    expect(offsets[Math.floor(offsets.length / 2)]).toBeLessThan(0.15 + 4 * intervalS);
  });

  it('may stop: the video continues in time, with silence', async () => {
    const file = join(folder.path, 'early-end-drawn.nut');
    const session = startWithSound('early-end.nut', file);
    await delivered(session, 7 * fps);
    session.abort();
    await session.ended;
    const [video, audio] = [await timesOf(file, 'v'), await timesOf(file, 'a')];
    const gaps = video.slice(1).map((time, n) => time - (video[n] ?? 0));
    // A pause of the machine may drop a frame or two; ten seconds of waiting for sound would be visible.
    expect(Math.max(...gaps)).toBeLessThan(1);
    expect(Math.abs((video.at(-1) ?? 0) - (audio.at(-1) ?? 0))).toBeLessThan(1);
    expect((await toneTimes(file)).length).toBeLessThan(4);
  });

  it('stops with everything else when one of its processes is killed, and leaves nothing behind', async () => {
    const before = await tracesBefore();
    for (const part of ['decoded', 'drawn'] as const) {
      const session = startWithSound('together.nut', join(folder.path, 'killed.nut'));
      await delivered(session, 4);
      process.kill(await pidOf(part), 'SIGKILL');
      const failure = await session.ended.catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(RunFailure);
      expect((failure as RunFailure).kind).toBe('Killed');
      expect(await traces()).toEqual(before);
    }
  });

  it('leaves nothing behind when aborted at any time', async () => {
    const before = await tracesBefore();
    for (let n = 0; n < 15; n += 1) {
      const session = startWithSound('together.nut', join(folder.path, 'aborted.nut'));
      await new Promise((resolve) => setTimeout(resolve, (n * 53) % 900));
      const startedMs = performance.now();
      session.abort();
      await session.ended;
      expect(performance.now() - startedMs).toBeLessThan(6500);
    }
    expect(await traces()).toEqual(before);
  });
});
