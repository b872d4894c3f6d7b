import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChild } from '@camplane/supervisor/child-process';
import { publishPattern } from '@camplane/testkit/publish-pattern';
import { startTestRtspServer } from '@camplane/testkit/rtsp-server';
import { testedFfmpegs } from '@camplane/testkit/tested-ffmpegs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { buildSlate } from './slate.ts';

jest.setTimeout(40_000);

const fontFile = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
const ffmpegTimeoutMs = 20_000;
/** Frames from one key frame of a slate to the next. */
const keyFrameInterval = 5;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camplane-slate-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function draw(
  tracks: { codec: 'h264' | 'h265'; audio: boolean },
  title: string,
  line: string,
  command = 'ffmpeg',
) {
  const output = join(folder, `${tracks.codec}-${tracks.audio}-${title.length}.mp4`);
  const titleFile = join(folder, 'title.txt');
  const lineFile = join(folder, "a li'ne:1,[x].txt");
  await writeFile(titleFile, title);
  await writeFile(lineFile, line);
  const child = startChild({
    name: 'slate',
    command,
    ...buildSlate({ ...tracks, titleFile, lineFile, fontFile, output }),
    signal: AbortSignal.timeout(ffmpegTimeoutMs),
  });
  return { output, ending: await child.ended };
}

async function streamsOf(input: string): Promise<Record<string, unknown>[]> {
  const transport = input.startsWith('rtsp:') ? ['-rtsp_transport', 'tcp'] : [];
  const args = [
    '-v',
    'error',
    ...transport,
    '-analyzeduration',
    '1000000',
    '-show_streams',
    '-show_data',
    '-of',
    'json',
    input,
  ];
  const { stdout } = await promisify(execFile)('ffprobe', args, { timeout: ffmpegTimeoutMs });
  return (JSON.parse(stdout) as { streams: Record<string, unknown>[] }).streams;
}

const variants = [
  ['h264', false],
  ['h264', true],
  ['h265', false],
  ['h265', true],
] as const;

describe.each(variants)('a slate in %s (sound: %s)', (codec, audio) => {
  const names = [codec === 'h265' ? 'hevc' : 'h264', ...(audio ? ['opus'] : [])];

  it('is shown by MediaMTX while there is no publisher, and replaced by a publisher', async () => {
    const { output, ending } = await draw({ codec, audio }, 'Front door', 'No video');
    expect(ending).toMatchObject({ kind: 'exited', code: 0, stderrTail: [] });
    const slate = {
      source: 'publisher',
      overridePublisher: true,
      alwaysAvailable: true,
      alwaysAvailableFile: output,
    };
    const media = await startTestRtspServer({ login: null, paths: { stream1: slate } });
    let publisher: { stop(): Promise<void> } | undefined;
    try {
      const url = `rtsp://127.0.0.1:${media.port}/stream1`;
      const shown = await streamsOf(url);
      expect(shown.map((stream) => stream['codec_name'])).toEqual(names);
      expect(shown[0]).toMatchObject({ width: 1280, height: 720, has_b_frames: 0 });
      const reader = startChild({
        name: 'reader',
        command: 'ffmpeg',
        args: ['-v', 'error', '-xerror', '-rtsp_transport', 'tcp', '-i', url, '-t', '3', '-f', 'null', '-'],
        signal: AbortSignal.timeout(ffmpegTimeoutMs),
      });
      // Longer than the slate: it must loop without an error.
      const read = await reader.ended;
      expect(read).toMatchObject({ kind: 'exited', code: 0 });
      // A reader that joins between two key frames lacks the reference frames until the next one.
      expect(read.stderrTail.filter((text) => !text.includes('Could not find ref'))).toEqual([]);
      expect(read.stderrTail.length).toBeLessThan(keyFrameInterval);

      const x265 = [
        '-c:v',
        'libx265',
        '-preset',
        'ultrafast',
        '-x265-params',
        'bframes=0:keyint=10:log-level=none',
      ];
      publisher = await publishPattern({
        port: media.port,
        size: '320x240',
        audio,
        ...(codec === 'h265' ? { codecArguments: [...x265, '-pix_fmt', 'yuv420p'] } : {}),
      });
      expect((await streamsOf(url))[0]).toMatchObject({ codec_name: names[0], width: 320 });
    } finally {
      await publisher?.stop();
      await media.stop();
    }
  });
});

describe.each(
  testedFfmpegs.flatMap(({ name, command }) =>
    variants.map(([codec, audio]) => [codec, audio, name, command] as const),
  ),
)('a slate in %s (sound: %s) of %s', (codec, audio, _name, command) => {
  it('has the same parameter sets as every other slate of its kind', async () => {
    const one = await draw({ codec, audio }, 'A', 'B', command);
    // Characters with a meaning in drawtext or a filter graph must be literal.
    const other = await draw(
      { codec, audio },
      "%{localtime} ': \\ ; , [x] 100% äß中 \n second",
      "%{eif:1:d} 'x' \\",
      command,
    );
    expect(other.ending).toMatchObject({ kind: 'exited', code: 0, stderrTail: [] });
    const [first] = await streamsOf(one.output);
    const [second] = await streamsOf(other.output);
    expect(first?.['extradata']).toMatch(/\d/);
    expect(second?.['extradata']).toBe(first?.['extradata']);
  });
});
