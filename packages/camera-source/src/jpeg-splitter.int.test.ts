import { describe, expect, it } from '@jest/globals';
import { startChild } from '@camplane/supervisor/child-process';
import { createJpegSplitter } from './jpeg-splitter.ts';

describe('createJpegSplitter on the output of FFmpeg', () => {
  it('returns every encoded image, and each one decodes', async () => {
    const frames: Buffer[] = [];
    let dropped = 0;
    const splitter = createJpegSplitter({
      maxBytes: 1_000_000,
      onFrame: (jpeg) => frames.push(jpeg),
      onDropped: () => (dropped += 1),
    });
    const pattern = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-frames:v', '100'];
    const { kind } = await run([...pattern, '-c:v', 'mjpeg', '-f', 'image2pipe', 'pipe:1'], splitter.push);
    expect(kind).toBe('exited');
    expect(frames).toHaveLength(100);
    expect(dropped).toBe(0);
    for (const jpeg of [frames[0], frames[99]]) {
      let decodedBytes = 0;
      await run(
        ['-f', 'mjpeg', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'],
        (chunk) => (decodedBytes += chunk.length),
        jpeg,
      );
      expect(decodedBytes).toBe(640 * 360);
    }
  });
});

function run(args: string[], stdout: (chunk: Buffer) => void, stdin?: Buffer) {
  return startChild({
    name: 'ffmpeg',
    command: 'ffmpeg',
    args: ['-hide_banner', '-loglevel', 'error', ...args],
    stdout,
    ...(stdin === undefined ? {} : { stdin }),
    signal: new AbortController().signal,
  }).ended;
}
