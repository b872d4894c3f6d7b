/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access --
   tests access JSON without types */
import { expect, it } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { streamSchema } from '@camplane/contracts/stream';
import { statusOf } from './status-of.ts';
import { eventually } from './running-api.ts';
import type { RunningApi } from './running-api.ts';

const streams = operations.listStreams.path;
const cameras = operations.listCameras.path;
const rtspUrl = 'rtsp://192.0.2.10:554/stream1';

/** Cameras seen as streams, for every store. @param empty an API without cameras */
export function camerasAreStreams(empty: () => Promise<RunningApi>): void {
  it('are created, read, listed, changed and deleted as streams', async () => {
    const { call } = await empty();
    const created = await call('POST', streams, { id: 'a', name: 'Front door', rtspUrl, fps: 5 });
    expect([created.status, created.headers.get('location')]).toEqual([201, `${streams}/a`]);
    expect(streamSchema.strict().parse(created.body)).toMatchObject({
      ...{ id: 'a', name: 'Front door', rtspUrl, status: 'STARTING', detectionEnabled: true, fps: 5 },
      lastHeartbeat: null,
    });
    expect((await call('GET', `${streams}/a`)).body).toEqual(created.body);
    expect((await call('GET', streams)).body).toEqual({ items: [created.body] });
    const camera = await call('GET', `${cameras}/a`);
    expect(camera.body).toMatchObject({ displayName: 'Front door', frames: { fps: 5, width: 640 } });

    const merge = { 'content-type': 'application/merge-patch+json' };
    const changed = await call('PATCH', `${streams}/a`, { fps: 10, detectionEnabled: false }, merge);
    expect(changed.body).toMatchObject({ name: 'Front door', fps: 10, detectionEnabled: false });
    expect((await call('DELETE', `${streams}/a`)).status).toBe(204);
    expect((await call('GET', `${cameras}/a`)).body.code).toBe('camera-not-found');
  });

  it('keep what a stream does not have when they are changed as one', async () => {
    const { call, api } = await empty();
    const credentials = { username: 'viewer', password: 'secret' };
    await call('POST', cameras, {
      ...{ id: 'a', description: 'kept', labels: { site: 'north' } },
      source: { url: rtspUrl, subUrl: `${rtspUrl}/sub`, credentials },
    });
    const before = await api.registry.get('a');
    const changed = await call('PATCH', `${streams}/a`, { rtspUrl: 'rtsp://192.0.2.10:554/other' });
    expect(changed.status).toBe(200);
    const after = await api.registry.get('a');
    expect(after?.spec).toEqual({
      ...before?.spec,
      source: { ...before?.spec.source, url: 'rtsp://192.0.2.10:554/other' },
    });
    expect(after?.credentials).toEqual(credentials);
    // The services that run cameras restart a stream whose generation changed.
    expect(after?.generation).toBeGreaterThan(before?.generation ?? 0);

    const elsewhere = await call('PATCH', `${streams}/a`, { rtspUrl: 'rtsp://192.0.2.99/a' });
    expect([elsewhere.status, elsewhere.body.errors[0].path]).toEqual([400, 'rtspUrl']);
    expect(elsewhere.body.errors[0].message).toContain(`PUT ${cameras}/a`);
    expect(JSON.stringify(elsewhere.body)).not.toContain('secret');
  });

  it('are started and stopped as streams, repeatedly, without a wait', async () => {
    const { call, publish, api } = await empty();
    await call('POST', streams, { id: 'a', rtspUrl });
    await publish(statusOf('a'));
    await eventually(async () => expect((await call('GET', `${streams}/a`)).body.status).toBe('RUNNING'));
    for (const _time of [1, 2]) {
      const started = await call('POST', `${streams}/a/start`);
      expect([started.status, started.body.status]).toEqual([202, 'RUNNING']);
    }
    for (const _time of [1, 2]) {
      const stopping = await call('POST', `${streams}/a/stop`);
      expect([stopping.status, stopping.body.status]).toEqual([202, 'STOPPING']);
    }
    expect((await api.registry.get('a'))?.spec.enabled).toBe(false);
    await publish(statusOf('a', { phase: 'STOPPED' }));
    await eventually(async () => expect((await call('GET', `${streams}/a`)).body.status).toBe('STOPPED'));
    const again = await call('POST', `${streams}/a/start`);
    expect([again.status, again.body.status]).toEqual([202, 'STARTING']);
  });

  it('are listed with the reason while unhealthy', async () => {
    const { call, publish } = await empty();
    await call('POST', streams, { id: 'a', name: 'Front door', rtspUrl });
    await call('POST', streams, { id: 'b', rtspUrl });
    await publish(statusOf('b'));
    const message = 'The camera refused the connection';
    await publish(statusOf('a', { phase: 'ERROR', reason: 'ConnectionRefused', message }));
    await eventually(async () => {
      const { body } = await call('GET', operations.listStreamHealth.path);
      expect(body).toMatchObject({
        total: 2,
        unhealthy: [{ id: 'a', name: 'Front door', status: 'ERROR', reason: 'ConnectionRefused', message }],
      });
    });
  });
}
