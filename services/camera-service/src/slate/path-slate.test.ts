import { describe, expect, it } from '@jest/globals';
import { createPathSlate } from './path-slate.ts';
import type { SlateFiles } from './slate-files.ts';

const tracks = { codec: 'h264', audio: false } as const;
const text = (line: string) => ({ title: 'Door', line });

/** The slate files and the publisher are fakes that record the calls. */
function setUp(options: { placed: () => boolean } = { placed: () => true }) {
  const published: string[] = [];
  const drawings: string[] = [];
  const files: SlateFiles = {
    prepare: () => undefined,
    ensure: () => Promise.resolve('door.mp4'),
    redraw: (_path, _tracks, { line }) => {
      if (options.placed()) drawings.push(line);
      return Promise.resolve(options.placed());
    },
    remove: () => Promise.resolve(),
  };
  let finish: () => void = () => undefined;
  const slate = createPathSlate({
    path: 'door',
    files,
    publish: (_file, signal) =>
      new Promise((resolve) => {
        published.push(drawings.at(-1) ?? '');
        finish = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    onError: (error) => {
      throw error;
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { slate, published, drawings, settle, finish: () => finish() };
}

describe('the slate of a path', () => {
  it('publishes a new text while nothing else is published', async () => {
    const { slate, published, settle, finish } = setUp();
    slate.idleFor(5000);
    slate.show(tracks, text('Connecting…'));
    await settle();
    expect(published).toEqual(['Connecting…']);
    finish();
    await settle();
    slate.show(tracks, text('Connecting…'));
    slate.idleFor(5000);
    await settle();
    expect(published).toHaveLength(1);
    slate.show(tracks, text('No video'));
    await settle();
    expect(published).toEqual(['Connecting…', 'No video']);
  });

  it('publishes nothing before an attempt or during video', async () => {
    const { slate, published, settle } = setUp();
    slate.idleFor(200);
    slate.show(tracks, text('Reconnecting…'));
    await settle();
    slate.videoStarted();
    slate.show(tracks, text('Video froze'));
    await settle();
    expect(published).toEqual([]);
  });

  it('does not publish a slate that MediaMTX has read when the video ended', async () => {
    const { slate, published, settle } = setUp();
    slate.videoStarted();
    slate.show(tracks, text('Reconnecting…'));
    await settle();
    slate.videoEnded();
    slate.idleFor(10_000);
    await settle();
    expect(published).toEqual([]);
  });

  it('does not publish after a stop request', async () => {
    const { slate, published, settle } = setUp();
    slate.idleFor(5000);
    slate.show(tracks, text('No video'));
    await settle();
    await slate.stopPublishing();
    slate.show(tracks, text('Another'));
    await settle();
    expect(published).toEqual(['No video']);
  });

  it('draws a text again if the slate did not exist the first time', async () => {
    let placed = false;
    const { slate, drawings, settle } = setUp({ placed: () => placed });
    slate.show(tracks, text('Connecting…'));
    await settle();
    placed = true;
    slate.show(tracks, text('Connecting…'));
    await settle();
    expect(drawings).toEqual(['Connecting…']);
  });
});
