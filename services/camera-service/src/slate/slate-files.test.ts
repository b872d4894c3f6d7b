import { access, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSlateFiles } from './slate-files.ts';
import type { SlateRenderer } from './slate-files.ts';

const tracks = { codec: 'h264', audio: false } as const;

/** A film of boxes, with the text in place of its frames. */
function film(text: string): Buffer {
  const box = (type: string, content: string) => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(8 + Buffer.byteLength(content));
    header.write(type, 4, 'latin1');
    return Buffer.concat([header, Buffer.from(content)]);
  };
  return Buffer.concat([box('ftyp', 'isom'), box('moov', 'index'), box('mdat', text)]);
}

describe('the slate files', () => {
  let folder = '';
  let render: SlateRenderer = () => Promise.resolve();
  const draw: SlateRenderer = ({ text, output }) => writeFile(output, film(`${text.title}: ${text.line}`));
  const open = () =>
    createSlateFiles({
      folder,
      render: (options) => render(options),
      signal: new AbortController().signal,
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slate-files-'));
    render = draw;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('never replaces a complete film by one that a full disk truncated', async () => {
    const slates = open();
    const file = await slates.ensure('door', tracks);
    const before = await readFile(file);
    render = async (options) => {
      await draw(options);
      await truncate(options.output, before.length - 10);
    };
    await expect(slates.redraw('door', tracks, { title: 'Door', line: 'Reconnecting…' })).rejects.toThrow(
      'incomplete',
    );
    expect(await readFile(file)).toEqual(before);
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('recreates a slate that was deleted', async () => {
    const slates = open();
    const file = await slates.ensure('door', tracks);
    await rm(folder, { recursive: true });
    expect(await slates.ensure('door', tracks)).toBe(file);
    await access(file);
  });

  it('returns false for a redraw before the slate exists', async () => {
    const slates = open();
    const text = { title: 'Door', line: 'Connecting…' };
    expect(await slates.redraw('door', tracks, text)).toBe(false);
    const file = await slates.ensure('door', tracks);
    expect(await slates.redraw('door', tracks, text)).toBe(true);
    expect((await readFile(file)).toString()).toContain('Door: Connecting…');
  });

  it('cancels a drawing when the slate is removed', async () => {
    const slates = open();
    const file = await slates.ensure('door', tracks);
    render = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('drawing aborted')), { once: true });
      });
    const drawn = slates.redraw('door', tracks, { title: 'Door', line: 'Stopped' }).catch(String);
    await slates.remove('door');
    expect(await drawn).toContain('drawing aborted');
    await expect(access(file)).rejects.toThrow('ENOENT');
  });
});
