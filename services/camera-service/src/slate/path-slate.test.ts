import { describe, expect, it } from '@jest/globals';
import { createPathSlate } from './path-slate.ts';
import type { SlateFiles } from './slate-files.ts';

const tracks = { codec: 'h264', audio: false } as const;
const text = (line: string) => ({ title: 'Door', line });

/** The slate files and the publisher are this module's border: both only note what they were asked. */
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
  it('brings a new text to the viewers when nobody else is about to publish', async () => {
    const { slate, published, settle, finish } = setUp();
    slate.quietFor(5000);
    slate.show(tracks, text('Connecting…'));
    await settle();
    expect(published).toEqual(['Connecting…']);
    finish();
    await settle();
    slate.show(tracks, text('Connecting…'));
    slate.quietFor(5000);
    await settle();
    expect(published).toHaveLength(1);
    slate.show(tracks, text('No video'));
    await settle();
    expect(published).toEqual(['Connecting…', 'No video']);
  });

  it('leaves the path alone while an attempt is near or video is there', async () => {
    const { slate, published, settle } = setUp();
    slate.quietFor(200);
    slate.show(tracks, text('Reconnecting…'));
    await settle();
    slate.videoCame();
    slate.show(tracks, text('The picture froze'));
    await settle();
    expect(published).toEqual([]);
  });

  it('publishes nothing that MediaMTX has read by itself when the video went', async () => {
    const { slate, published, settle } = setUp();
    slate.videoCame();
    slate.show(tracks, text('Reconnecting…'));
    await settle();
    slate.videoWent();
    slate.quietFor(10_000);
    await settle();
    expect(published).toEqual([]);
  });

  it('has ended its publishing before it makes way', async () => {
    const { slate, published, settle } = setUp();
    slate.quietFor(5000);
    slate.show(tracks, text('No video'));
    await settle();
    await slate.makeWay();
    slate.show(tracks, text('Another'));
    await settle();
    expect(published).toEqual(['No video']);
  });

  it('draws a text again that came before there was a slate to draw it on', async () => {
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
