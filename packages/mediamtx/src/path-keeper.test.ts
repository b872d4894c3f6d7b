import { describe, expect, it } from '@jest/globals';
import type { ApiPath } from './api-responses.ts';
import { cameraPath } from './camera-path.ts';
import { silentLog } from './log.ts';
import { MediaServerError } from './media-server-error.ts';
import { createPathKeeper } from './path-keeper.ts';

const slate = (file: string) => cameraPath({ kind: 'file', file });

/** A fake of MediaMTX's API that stores paths and refuses those in `broken`. */
function setUp() {
  const present = new Map<string, string>();
  const broken = new Set<string>();
  const unconfigured = new Set<string>();
  const ups: boolean[] = [];
  const observed: string[][] = [];
  const refuseBroken = (name: string) => {
    if (broken.has(name)) throw new MediaServerError('unexpected-response', `MediaMTX refused ${name}`);
  };
  const keeper = createPathKeeper({
    api: {
      listPaths: () => Promise.resolve([...present.keys()].map((name) => path(name, unconfigured.has(name)))),
      listHlsMuxers: () => Promise.resolve([]),
      async replacePath(name, config) {
        await Promise.resolve();
        refuseBroken(name);
        unconfigured.delete(name);
        present.set(name, JSON.stringify(config));
      },
      async deletePath(name) {
        await Promise.resolve();
        refuseBroken(name);
        return present.delete(name);
      },
    },
    pollIntervalMs: 1000,
    log: silentLog,
    onObserved: (paths) => observed.push([...paths.keys()]),
    onUpChange: (up) => ups.push(up),
  });
  return { keeper, present, unconfigured, broken, ups, observed };
}

function path(name: string, isUnconfigured: boolean): ApiPath {
  return {
    name,
    confName: isUnconfigured ? 'all_others' : name,
    available: true,
    online: false,
    onlineTime: null,
    source: null,
    tracks2: [],
    readers: [],
    inboundBytes: 0,
    outboundBytes: 0,
    inboundFramesInError: 0,
  };
}

describe('the path keeper', () => {
  it('has every desired path in place when it reports MediaMTX as up', async () => {
    const { keeper, present, ups, observed } = setUp();
    expect(await keeper.set('door', slate('door.mp4'))).toBe(false);
    await keeper.refresh();
    expect([...present.keys()]).toEqual(['door']);
    expect(ups).toEqual([true]);
    expect(observed).toEqual([['door']]);
  });

  it('pushes all paths again after a restart of MediaMTX and reports it as down in between', async () => {
    const { keeper, present, ups } = setUp();
    await keeper.refresh();
    await keeper.set('door', slate('door.mp4'));
    present.clear();
    await keeper.refresh();
    expect([...present.keys()]).toEqual(['door']);
    expect(ups).toEqual([true, false, true]);
  });

  it('treats a path that exists without its configuration as lost', async () => {
    const { keeper, present, unconfigured } = setUp();
    await keeper.refresh();
    await keeper.set('door', slate('door.mp4'));
    // A restarted MediaMTX, to which FFmpeg has already published.
    unconfigured.add('door');
    present.set('door', 'all_others');
    await keeper.refresh();
    expect(present.get('door')).toBe(JSON.stringify(slate('door.mp4')));
  });

  it('keeps the other paths if MediaMTX refuses or keeps one', async () => {
    const { keeper, present, broken, ups } = setUp();
    await keeper.refresh();
    await keeper.set('stuck', slate('stuck.mp4'));
    broken.add('stuck').add('bad');
    await expect(keeper.remove('stuck')).rejects.toThrow('refused stuck');
    await expect(keeper.set('bad', slate('bad.mp4'))).rejects.toThrow('refused bad');
    await keeper.set('door', slate('door.mp4'));
    present.delete('door');
    await keeper.refresh();
    await keeper.refresh();
    expect([...present.keys()]).toEqual(['stuck', 'door']);
    expect(ups).toEqual([true, false, true]);
    broken.clear();
    await keeper.refresh();
    expect([...present.keys()]).toEqual(['door', 'bad']);
  });

  it('does not remove a path that was set again meanwhile', async () => {
    const { keeper, present } = setUp();
    await keeper.refresh();
    await keeper.set('door', slate('door.mp4'));
    const removed = keeper.remove('door');
    const set = keeper.set('door', slate('other.mp4'));
    expect(await removed).toBe(true);
    expect(await set).toBe(true);
    expect(present.get('door')).toContain('other.mp4');
  });
});
