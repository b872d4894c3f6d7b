import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath, operations } from '@camplane/contracts/operations';
import { deadLetterTopic } from '@camplane/contracts/dead-letter';
import { detectionListSchema, streamDetectionListSchema } from '@camplane/contracts/detection';
import type { DetectionResult, StoredDetection } from '@camplane/contracts/detection';
import { detectionsTopic } from '@camplane/contracts/topics';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { randomUUID } from 'node:crypto';
import { readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { followEvents } from '@camplane/testkit/follow-events';
import { newDatabase, runSql } from '../testing/new-database.ts';
import { entryOf, jpegOf, resultOf } from '../testing/result-of.ts';
import { eventually, runApi } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const path = operations.listDetections.path;
const noonMs = Date.parse('2026-11-21T12:00:00.000Z');
const at = (second: number): string => new Date(noonMs + second * 1000).toISOString();
const clock = { now: () => noonMs + 3600_000, epochMs: () => noonMs + 3600_000 };

let postgres: TestPostgres;
let folder: TemporaryFolder;

beforeAll(async () => {
  [postgres, folder] = await Promise.all([startPostgres(), createTemporaryFolder()]);
});

afterAll(async () => {
  await postgres.stop();
  await folder.remove();
});

describe.each(['embedded', 'postgres'] as const)('detections on the %s database', (kind) => {
  let api: RunningApi;
  let databaseUrl: string | undefined;
  const ends: (() => void)[] = [];
  const frames = () => join(folder.path, kind, 'frames');

  beforeAll(async () => {
    databaseUrl = kind === 'postgres' ? await newDatabase(postgres.url, 'detections') : undefined;
    api = await runApi(
      { dataDir: join(folder.path, kind), ...(databaseUrl === undefined ? {} : { databaseUrl }) },
      clock,
    );
  });

  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  afterAll(() => api.stop());

  const publish = (result: DetectionResult): Promise<void> =>
    api.bus.publish(detectionsTopic, result.cameraId, result);

  async function list(query = ''): Promise<{ items: StoredDetection[]; nextCursor: string | null }> {
    const answer = await api.call('GET', `${path}${query}`);
    expect([query, answer.status]).toEqual([query, 200]);
    return detectionListSchema.parse(answer.body);
  }

  /** Publishes a result and waits until it is stored. */
  async function store(...results: DetectionResult[]): Promise<void> {
    for (const result of results) await publish(result);
    for (const { detections } of results) {
      for (const { id } of detections) {
        await eventually(async () => expect((await api.call('GET', `${path}/${id}`)).status).toBe(200));
      }
    }
  }

  it('are stored with all fields', async () => {
    const entry = entryOf();
    const result = resultOf('everything', {
      capturedAt: at(1),
      sequence: 7_000_000_000,
      detections: [entry],
    });
    await store(result);
    const expected = {
      ...entry,
      cameraId: 'everything',
      capturedAt: at(1),
      sequence: 7_000_000_000,
      frame: { width: 640, height: 360 },
      imagePath: null,
    };
    expect((await api.call('GET', `${path}/${entry.id}`)).body).toEqual(expected);
    expect((await list('?cameraId=everything')).items).toEqual([expected]);
  });

  it('are stored and published once although they are delivered twice', async () => {
    const client = await followEvents(api.url, { cameraId: ['twice'] });
    ends.push(client.close);
    const result = resultOf('twice', {
      capturedAt: at(2),
      detections: [entryOf(), entryOf()],
      picture: jpegOf(3000).toString('base64'),
    });
    for (let time = 0; time < 3; time++) await publish(result);
    await store(resultOf('twice', { capturedAt: at(3) }));
    await publish(result);
    await store(resultOf('twice', { capturedAt: at(4), detections: [entryOf({ label: 'last' })] }));
    expect((await list('?cameraId=twice')).items).toHaveLength(4);
    expect(await readdir(join(frames(), 'twice/2026-11-21'))).toHaveLength(1);
    await eventually(() => expect(client.detections().at(-1)?.detections[0]?.label).toBe('last'));
    expect(client.detections().map(({ capturedAt }) => capturedAt)).toEqual([at(2), at(3), at(4)]);
  });

  it('are published to the followers of their camera, without the frame', async () => {
    const [all, one, other] = await Promise.all(
      [{}, { cameraId: ['followed'] }, { cameraId: ['other'] }].map((query) => followEvents(api.url, query)),
    );
    if (!all || !one || !other) throw new Error('three clients were to follow');
    ends.push(all.close, one.close, other.close);
    const result = resultOf('followed', { picture: jpegOf(3000).toString('base64') });
    await publish(result);
    await publish({ ...result, detectors: ['http'], detections: [entryOf()] });
    await publish(resultOf('followed', { sequence: 2, detections: [] }));
    await publish(resultOf('other'));
    await eventually(() => {
      expect([all, one, other].map((client) => client.detections().length)).toEqual([4, 3, 1]);
    });
    const { picture: _left, ...expected } = result;
    expect(one.detections()[0]).toEqual({ type: 'detection', at: expect.any(String), ...expected });
    expect(one.detections()[2]?.detections).toEqual([]);
  });

  describe('are listed', () => {
    const track: string = randomUUID();
    const ids: string[] = Array.from({ length: 12 }, () => randomUUID());
    const name = (index: number): string => (index % 3 === 0 ? 'cat' : 'person');

    beforeAll(async () => {
      // Detection n was captured at second 100 + n, by camera `left` if n is even and `right` if it is odd.
      await store(
        ...ids.map((id, index) =>
          resultOf(index % 2 === 0 ? 'left' : 'right', {
            capturedAt: at(100 + index),
            detections: [
              entryOf({
                id,
                label: name(index),
                detector: index < 6 ? 'person' : 'onnx',
                confidence: index / 12,
                ...(index >= 8 ? { trackId: track } : {}),
              }),
            ],
          }),
        ),
      );
    });

    const cameras = 'cameraId=left&cameraId=right';
    it.each<[string, number[]]>([
      [`?${cameras}`, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
      ['?cameraId=left', [10, 8, 6, 4, 2, 0]],
      [`?${cameras}&label=cat`, [9, 6, 3, 0]],
      [`?${cameras}&label=cat&label=person&limit=2`, [11, 10]],
      ['?cameraId=right&label=cat', [9, 3]],
      [`?${cameras}&detector=onnx`, [11, 10, 9, 8, 7, 6]],
      [`?${cameras}&detector=onnx&detector=person&minConfidence=0.75`, [11, 10, 9]],
      [`?trackId=${track}`, [11, 10, 9, 8]],
      [`?trackId=${track.toUpperCase()}&cameraId=left`, [10, 8]],
      [`?trackId=${track}&firstOfTrack=true`, [8]],
      [`?${cameras}&firstOfTrack=true&label=cat`, [6, 3, 0]],
      [`?${cameras}&firstOfTrack=false&label=cat`, [9, 6, 3, 0]],
      [`?${cameras}&from=${at(103)}&to=${at(106)}`, [5, 4, 3]],
      [`?${cameras}&from=2026-11-21T13:01:49%2B01:00&label=person`, [11, 10]],
      [`?${cameras}&to=0001-01-01T00:00:00Z`, []],
      [`?${cameras}&from=9999-12-31T23:59:59-14:00`, []],
      ['?label=%27%20or%201%3D1%20--', []],
      ['?cameraId=nobody', []],
    ])('%s', async (query, expected) => {
      expect((await list(query)).items.map(({ id }) => ids.indexOf(id))).toEqual(expected);
    });

    it('in pages, each once, while new ones arrive', async () => {
      for (const limit of [1, 5, 12]) {
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const next: string = cursor === null ? '' : `&cursor=${cursor}`;
          const page = await list(`?${cameras}&to=${at(112)}&limit=${limit}${next}`);
          seen.push(...page.items.map(({ id }) => id));
          cursor = page.nextCursor;
          await store(resultOf('left', { capturedAt: at(113 + seen.length) }));
        } while (cursor !== null);
        expect(seen).toEqual([...ids].reverse());
      }
    });

    it('in pages although all have the same time', async () => {
      const entries = Array.from({ length: 9 }, () => entryOf());
      await store(resultOf('moment', { detections: entries }));
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page = await list(`?cameraId=moment&limit=2${cursor && `&cursor=${cursor}`}`);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(
        entries
          .map(({ id }) => id)
          .sort()
          .reverse(),
      );
    });

    it.each([
      ['cursor=x', 'cursor'],
      ['cursor=', 'cursor'],
      [`cursor=${Buffer.from("1 1 ' or 1=1").toString('base64url')}`, 'cursor'],
      [`cursor=${'a'.repeat(201)}`, 'cursor'],
      ['limit=0', 'limit'],
      ['limit=201', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['cameraId=A%20B', 'cameraId.0'],
      ['cameraId=..%2F..%2Fetc', 'cameraId.0'],
      ['label=', 'label.0'],
      ['label=%00', 'label.0'],
      [`label=${'x'.repeat(65)}`, 'label.0'],
      ['detector=magic', 'detector.0'],
      ['trackId=1', 'trackId'],
      ['minConfidence=2', 'minConfidence'],
      ['minConfidence=high', 'minConfidence'],
      ['from=yesterday', 'from'],
      ['to=2026-11-21', 'to'],
      ['firstOfTrack=perhaps', 'firstOfTrack'],
      ['camera=left', 'camera'],
      [Array.from({ length: 101 }, () => 'cameraId=a').join('&'), 'cameraId'],
    ])('?%s is refused by name', async (query, field) => {
      const { status, body } = await api.call('GET', `${path}?${query}`);
      expect([status, body.code, body.errors?.[0].path]).toEqual([400, 'invalid-query', field]);
      expect(body.detail).toContain(field);
    });

    it.each(['x', '..%2F..%2Fetc%2Fpasswd', '%00', `${randomUUID()}'--`, randomUUID()])(
      'with 404 for the id %s',
      async (id) => {
        for (const tail of ['', '/image']) {
          const { status, body } = await api.call('GET', `${path}/${id}${tail}`);
          expect([status, body.code]).toEqual([404, 'detection-not-found']);
        }
      },
    );
  });

  it('mark the first of a track in any order of arrival', async () => {
    const trackId = randomUUID();
    const of = (second: number) =>
      resultOf('tracked', { capturedAt: at(second), detections: [entryOf({ trackId })] });
    await Promise.all([of(301), of(300), of(302)].map(publish));
    await store(of(303));
    await store(of(299));
    expect((await list(`?trackId=${trackId}`)).items).toHaveLength(5);
    expect((await list(`?trackId=${trackId}&firstOfTrack=true`)).items).toHaveLength(1);
  });

  describe('have an image', () => {
    const jpeg = jpegOf(200_000);
    const entries = [entryOf(), entryOf()];
    const file = () => join(frames(), 'pictured/2026-11-21/120500.000-1.jpg');
    let imagePath: string;

    beforeAll(async () => {
      const picture = jpeg.toString('base64');
      await store(resultOf('pictured', { capturedAt: at(300), detections: entries, picture }));
      imagePath = (await list('?cameraId=pictured')).items[0]?.imagePath ?? '';
    });

    it('that is served with immutable caching', async () => {
      expect(imagePath).toMatch(/^\/api\/v1\/detections\/[0-9a-f-]{36}\/image$/);
      const response = await fetch(`${api.url}${imagePath}`);
      expect(response.headers.get('content-type')).toBe('image/jpeg');
      expect(response.headers.get('content-length')).toBe('200000');
      expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(Buffer.from(await response.arrayBuffer()).equals(jpeg)).toBe(true);
      const etag = response.headers.get('etag') ?? '';
      // Without fetch, which adds `no-cache`.
      const sent = request(`${api.url}${imagePath}`, { headers: { 'if-none-match': etag } }).end();
      const [again] = (await once(sent, 'response')) as [IncomingMessage];
      again.resume();
      expect([again.statusCode, again.headers['content-length']]).toEqual([304, undefined]);
      const head = await fetch(`${api.url}${imagePath}`, { method: 'HEAD' });
      expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([
        200,
        '200000',
        etag,
      ]);
    });

    it('and are listed by their stream, with an image below it', async () => {
      const ofStream = operationPath('listStreamDetections', { id: 'pictured' });
      expect((await api.call('GET', ofStream)).body.code).toBe('camera-not-found');
      await api.call('POST', operations.createStream.path, { id: 'pictured', rtspUrl: 'test:testsrc2' });
      const { items, nextCursor } = streamDetectionListSchema.parse(
        (await api.call('GET', `${ofStream}?limit=1`)).body,
      );
      expect(items).toMatchObject([{ streamId: 'pictured', timestamp: at(300), label: 'person' }]);
      expect(nextCursor).not.toBeNull();
      const filename = '2026-11-21-120500.000-1.jpg';
      const screenshot = operationPath('readScreenshot', { id: 'pictured', filename });
      expect(items[0]?.imagePath).toBe(screenshot);
      const response = await fetch(`${api.url}${screenshot}`);
      expect(Buffer.from(await response.arrayBuffer()).equals(jpeg)).toBe(true);
      expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
      expect(response.headers.get('etag')).toBe(`"${filename}-200000"`);
      await api.call('POST', operations.createStream.path, { id: 'other', rtspUrl: 'test:testsrc2' });
      const foreign = await api.call('GET', operationPath('readScreenshot', { id: 'other', filename }));
      expect([foreign.status, foreign.body.code]).toEqual([404, 'picture-not-kept']);
    });

    it('that a client may abort', async () => {
      const sent = request(`${api.url}${imagePath}`).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.destroy();
      expect((await api.call('GET', '/healthz')).status).toBe(200);
      expect(api.logged()).not.toContain('request failed');
    });

    it('until it is deleted', async () => {
      await rm(file());
      const { status, body } = await api.call('GET', imagePath);
      expect([status, body.code]).toEqual([404, 'picture-not-kept']);
      expect((await list('?cameraId=pictured')).items.map((item) => item.imagePath)).toEqual([null, null]);
    });

    it('and no other file, even if a link replaces it', async () => {
      const secret = join(folder.path, 'secret.txt');
      await writeFile(secret, 'canary-8120');
      await symlink(secret, file());
      const { status, body } = await api.call('GET', imagePath);
      expect([status, body.code]).toEqual([404, 'picture-not-kept']);
    });
  });

  it('are stored without an image if it is not a JPEG', async () => {
    const picture = Buffer.from('<script>alert(1)</script>').toString('base64');
    const result = resultOf('unpictured', { picture });
    await store(result);
    const { status, body } = await api.call('GET', `${path}/${result.detections[0]?.id}/image`);
    expect([status, body.code]).toEqual([404, 'picture-not-kept']);
  });

  it('become dead letters if the database refuses them, and others are stored', async () => {
    const letters: string[] = [];
    const subscription = await api.bus.subscribe(deadLetterTopic, { group: 'test' }, ({ value }) => {
      letters.push(`${value.headers['error-kind']} ${new TextDecoder().decode(value.body).slice(0, 200)}`);
    });
    try {
      const bad = [
        resultOf('bad-label', { detections: [entryOf({ label: 'nul\0' })] }),
        resultOf('bad-size', { frame: { width: 2 ** 40, height: 1 } }),
        resultOf('bad-time', { capturedAt: '0000-01-01T00:00:00Z' }),
      ];
      const good = Array.from({ length: 30 }, (_, index) => resultOf(`good-${index}`));
      for (const [index, result] of good.entries()) {
        await publish(result);
        const refused = bad[index / 10];
        if (refused) await publish(refused);
      }
      await store(...good);
      await eventually(() => expect(letters).toHaveLength(3));
      for (const { cameraId } of bad) {
        expect(letters.filter((letter) => letter.includes(`"${cameraId}"`))).toHaveLength(1);
        expect((await list(`?cameraId=${cameraId}`)).items).toEqual([]);
      }
      expect(letters.every((letter) => letter.startsWith('rejected'))).toBe(true);
    } finally {
      await subscription.close();
    }
  });

  if (kind === 'postgres') {
    it('are skipped in lists if they were edited by hand', async () => {
      const entry = entryOf();
      await store(resultOf('edited', { detections: [entry, entryOf()] }));
      await runSql(
        databaseUrl ?? '',
        `update detection set confidence = 9, picture = '../../secret.txt' where id = '${entry.id}'`,
      );
      expect((await list('?cameraId=edited')).items).toHaveLength(1);
      expect((await api.call('GET', `${path}/${entry.id}`)).status).toBe(500);
      expect((await api.call('GET', `${path}/${entry.id}/image`)).body.code).toBe('picture-not-kept');
    });
  }
});
