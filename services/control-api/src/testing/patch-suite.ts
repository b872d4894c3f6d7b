/* eslint-disable @typescript-eslint/no-unsafe-member-access -- tests access JSON without types */
import { expect, it } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import type { RunningApi } from './running-api.ts';

const cameras = operations.listCameras.path;
const source = { url: 'rtsp://192.0.2.10:554/stream1' };
const credentials = { username: 'viewer', password: 'secret' };
const merge = { 'content-type': 'application/merge-patch+json' };

/** Partial and conditional changes, for every store. @param empty an API without cameras */
export function camerasArePatched(empty: () => Promise<RunningApi>): void {
  it('are changed by a merge patch, which keeps what it does not name', async () => {
    const { call, api } = await empty();
    await call('POST', cameras, {
      ...{
        id: 'a',
        displayName: 'Door',
        labels: { site: 'north', floor: '1' },
        frames: { fps: 5, width: 320 },
      },
      source: { ...source, subUrl: `${source.url}/sub`, credentials },
    });
    const patch = {
      description: 'new',
      frames: { fps: null },
      labels: { floor: null },
      source: { subUrl: null },
    };
    const patched = await call('PATCH', `${cameras}/a`, patch, merge);
    expect(patched.body).toMatchObject({
      ...{ displayName: 'Door', description: 'new', labels: { site: 'north' } },
      frames: { fps: 2, width: 320 },
      source: { url: source.url, subUrl: null, hasCredentials: true },
    });
    expect(patched.body.labels).toEqual({ site: 'north' });
    expect((await api.registry.get('a'))?.credentials).toEqual(credentials);

    const elsewhere = await call('PATCH', `${cameras}/a`, { source: { url: 'rtsp://192.0.2.99/a' } }, merge);
    expect([elsewhere.status, elsewhere.body.errors[0].path]).toEqual([400, 'source.credentials']);
    const open = await call('PATCH', `${cameras}/a`, { source: { credentials: null }, labels: null }, merge);
    expect([open.body.source.hasCredentials, open.body.labels]).toEqual([false, {}]);
    expect((await api.registry.get('a'))?.credentials).toBeNull();
  });

  it('have a strong ETag, which every change makes another', async () => {
    const { call } = await empty();
    const created = await call('POST', cameras, { id: 'a', source: { ...source, credentials } });
    const tag = created.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    const read = async () => (await call('GET', `${cameras}/a`)).headers.get('etag');
    expect(await read()).toBe(tag);
    const tags = [tag];
    const other = { username: 'viewer', password: 'other' };
    for (const patch of [
      { displayName: 'x' },
      { source: { credentials: other } },
      { displayName: 'x', enabled: false },
    ]) {
      const { headers } = await call('PATCH', `${cameras}/a`, patch, merge);
      expect(headers.get('etag')).toBe(await read());
      tags.push(headers.get('etag') ?? '');
    }
    expect(new Set(tags).size).toBe(4);
  });

  it('are not overwritten by an editor with an older version', async () => {
    const { call } = await empty();
    const tag = (await call('POST', cameras, { id: 'a', source })).headers.get('etag') ?? '';
    const ifMatch = { 'if-match': tag };
    const first = await call('PUT', `${cameras}/a`, { displayName: 'first', source }, ifMatch);
    expect(first.status).toBe(200);
    for (const [method, body, headers] of [
      ['PUT', { displayName: 'second', source }, ifMatch],
      ['PATCH', { displayName: 'second' }, { ...ifMatch, ...merge }],
      ['DELETE', undefined, ifMatch],
    ] as const) {
      const refused = await call(method, `${cameras}/a`, body, headers);
      expect([refused.status, refused.body.code]).toEqual([412, 'precondition-failed']);
      expect(refused.body.detail).toContain('get it again');
    }
    const kept = await call('GET', `${cameras}/a`);
    expect(kept.body).toMatchObject({ displayName: 'first', enabled: true });
    const current = { 'if-match': `"older", ${first.headers.get('etag')}` };
    expect(
      (await call('PATCH', `${cameras}/a`, { displayName: 'third' }, { ...current, ...merge })).status,
    ).toBe(200);
    expect((await call('PUT', `${cameras}/a`, { source })).status).toBe(200);
    expect((await call('DELETE', `${cameras}/a`, undefined, { 'if-match': '*' })).status).toBe(204);
  });

  it('are overwritten by one of two editors who save at the same time', async () => {
    const { call } = await empty();
    const tag = (await call('POST', cameras, { id: 'a', source })).headers.get('etag') ?? '';
    const save = (displayName: string) =>
      call('PATCH', `${cameras}/a`, { displayName }, { 'if-match': tag, ...merge });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(save));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });
}
