import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { detectAnswerSchema } from '@camplane/contracts/detection';
import type { Found } from '@camplane/contracts/detection';
import { problemSchema } from '@camplane/contracts/problem';
import { listen } from '@camplane/service-kit/http-server';
import type { HttpServer } from '@camplane/service-kit/http-server';
import { problemHandler } from '@camplane/service-kit/problem-middleware';
import { waitUntil } from '@camplane/testkit/wait-until';
import express from 'express';
import { request as sendRequest } from 'node:http';
import sharp from 'sharp';
import { drawnPicture } from '../testing/pictures.ts';
import { LookError } from '../workers/look-error.ts';
import { detectRoutes } from './detect-routes.ts';
import type { DetectLimits, LookAtSingle } from './detect-routes.ts';
import type { SingleDetector } from './detect-query.ts';
import { hostileBodies, imageHead, multipart } from './fixtures/hostile-bodies.ts';
import { createLookAtSingle } from './look-at-single.ts';

jest.setTimeout(60_000);

const person: Found = {
  label: 'person',
  confidence: 0.8,
  boundingBox: { x: 0.25, y: 0.5, width: 0.25, height: 0.25 },
};

let jpeg: Uint8Array;
beforeAll(async () => {
  jpeg = await drawnPicture({ width: 320, height: 180 });
});

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(
  look: LookAtSingle,
  options: { limits?: Partial<DetectLimits>; detectors?: SingleDetector[] } = {},
): Promise<string> {
  const app = express();
  app.use(detectRoutes({ look, detectors: options.detectors ?? ['person'], ...options }));
  app.use(problemHandler({ log: { error: () => undefined } as never }));
  const server = await listen(app, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
  servers.push(server);
  return `${server.url}/detect`;
}

function formOf(...fields: [name: string, value: Uint8Array | string][]): FormData {
  const form = new FormData();
  for (const [name, value] of fields) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([value], { type: 'image/jpeg' }), 'a.jpg');
  }
  return form;
}

/** The code of a problem, which is checked to be one. */
async function problemOf(response: Response): Promise<{ code: string; status: number; text: string }> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return { code: problem.code, status: problem.status, text: JSON.stringify(problem) };
}

describe('POST /detect', () => {
  it('answers what was found, the surest first, as the contract has it', async () => {
    const asked: unknown[] = [];
    const surer = { ...person, confidence: 0.9 };
    const url = await serve((picture, detectors, minConfidence) => {
      asked.push([Buffer.from(picture), detectors, minConfidence]);
      return Promise.resolve([person, surer]);
    });
    const response = await fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(detectAnswerSchema.parse(await response.json())).toEqual([surer, person]);
    expect(asked).toEqual([[Buffer.from(jpeg), ['person'], 0.5]]);
  });

  it('takes PNG as well', async () => {
    const url = await serve(() => Promise.resolve([]));
    const png = await sharp(jpeg).png().toBuffer();
    const response = await fetch(url, { method: 'POST', body: formOf(['image', png]) });
    expect(await response.json()).toEqual([]);
  });

  it.each<[string, SingleDetector[], unknown]>([
    ['', ['person'], [['person'], 0.5]],
    ['', ['person', 'onnx'], [['person', 'onnx'], 0.5]],
    ['?detector=onnx', ['person', 'onnx'], [['onnx'], 0.5]],
    ['?detector=onnx&detector=person', ['person', 'onnx'], [['onnx', 'person'], 0.5]],
    ['?detector=person&detector=person', ['person'], [['person'], 0.5]],
    ['?minConfidence=0.25', ['person'], [['person'], 0.25]],
    ['?minConfidence=1', ['person'], [['person'], 1]],
  ])('with query %j asks the detectors that are meant', async (query, detectors, expected) => {
    const asked: unknown[] = [];
    const url = await serve(
      (_, ...rest) => {
        asked.push(rest);
        return Promise.resolve([]);
      },
      { detectors },
    );
    const response = await fetch(`${url}${query}`, { method: 'POST', body: formOf(['image', jpeg]) });
    expect(response.status).toBe(200);
    expect(asked).toEqual([expected]);
  });

  it.each<[string, string, number, RegExp]>([
    ['?detector=motion', 'invalid-query', 400, /motion compares a picture with those before it/],
    ['?detector=http', 'invalid-query', 400, /http asks another service/],
    ['?detector=onnx', 'detector-unavailable', 503, /set ONNX_MODEL and ONNX_LABELS/],
    ['?detector=cat', 'invalid-query', 400, /person or onnx/],
    ['?detector=', 'invalid-query', 400, /person or onnx/],
    ['?detector=person&detector=person&detector=person', 'invalid-query', 400, /detector/],
    ['?detector[x]=person', 'invalid-query', 400, /detector/],
    ['?minConfidence=', 'invalid-query', 400, /minConfidence.*from 0 to 1/],
    ['?minConfidence=50', 'invalid-query', 400, /minConfidence.*from 0 to 1/],
    ['?minConfidence=1.5', 'invalid-query', 400, /minConfidence.*from 0 to 1/],
    ['?minConfidence=-1', 'invalid-query', 400, /minConfidence.*from 0 to 1/],
    ['?minConfidence=NaN', 'invalid-query', 400, /minConfidence.*from 0 to 1/],
    ['?minConfidence=0&minConfidence=1', 'invalid-query', 400, /minConfidence.*once/],
    ['?threshold=0.5', 'invalid-query', 400, /threshold.*is not a known parameter/],
    [`?${'x'.repeat(2000)}=1`, 'invalid-query', 400, /is not a known parameter/],
  ])('with query %j is refused', async (query, code, status, message) => {
    const url = await serve(() => Promise.resolve([]));
    const response = await fetch(`${url}${query}`, { method: 'POST', body: formOf(['image', jpeg]) });
    expect(await problemOf(response)).toEqual({ code, status, text: expect.stringMatching(message) });
  });

  it('is the only method', async () => {
    const url = await serve(() => Promise.resolve([]));
    const response = await fetch(url);
    expect(response.headers.get('allow')).toBe('POST');
    expect(await problemOf(response)).toMatchObject({ code: 'method-not-allowed' });
  });

  it('is refused to web pages of another origin', async () => {
    const url = await serve(() => Promise.resolve([]));
    const post = (origin: string) =>
      fetch(url, { method: 'POST', headers: { origin }, body: formOf(['image', jpeg]) });
    expect(await problemOf(await post('https://elsewhere.example'))).toMatchObject({ code: 'cross-origin' });
    expect(await problemOf(await post('null'))).toMatchObject({ code: 'cross-origin' });
    expect((await post(new URL(url).origin)).status).toBe(200);
  });
});

describe('a body of POST /detect', () => {
  it.each(hostileBodies)('%s is refused, and nobody looks', async (_, { type, body }, code, message) => {
    let looks = 0;
    const url = await serve(() => {
      looks += 1;
      return Promise.resolve([]);
    });
    const response = await fetch(url, {
      method: 'POST',
      body: new Uint8Array(body),
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    });
    expect(await problemOf(response)).toMatchObject({ code, text: expect.stringMatching(message) });
    expect(looks).toBe(0);
  });

  it('that is too large is refused, also where its length is not told', async () => {
    const url = await serve(() => Promise.resolve([]), { limits: { bodyMaxBytes: 1000 } });
    const large = formOf(['image', Buffer.alloc(2000)]);
    const told = await fetch(url, { method: 'POST', body: large });
    expect(await problemOf(told)).toMatchObject({ code: 'body-too-large', status: 413 });
    const chunks = new ReadableStream({
      start(controller) {
        for (let chunk = 0; chunk < 20; chunk++) controller.enqueue(new Uint8Array(100));
        controller.close();
      },
    });
    const untold = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: chunks,
      duplex: 'half',
    });
    expect(await problemOf(untold)).toMatchObject({ code: 'body-too-large' });
  });

  it('that is compressed is refused, for it may unfold to anything', async () => {
    const url = await serve(() => Promise.resolve([]));
    const { type, body } = multipart('x', `${imageHead}\r\n\r\nabc`);
    const headers = { 'content-type': type, 'content-encoding': 'gzip' };
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
    expect(await problemOf(response)).toMatchObject({ code: 'unsupported-media-type' });
  });

  it('with a picture of too many pixels is refused', async () => {
    const url = await serve(() => Promise.resolve([]), { limits: { pixelsMax: 320 * 180 - 1 } });
    const response = await fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    const text = expect.stringMatching(/320×180 pixels, more than 57599/);
    expect(await problemOf(response)).toMatchObject({ code: 'invalid-picture', text });
  });

  it('that breaks off leaves its place to others', async () => {
    const url = await serve(() => Promise.resolve([]), { limits: { requestsMax: 1 } });
    const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 5000 };
    const broken = sendRequest(url, { method: 'POST', headers });
    broken.on('error', () => undefined);
    broken.write('--x\r\n');
    const ask = () => fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    await waitUntil(
      async () => (await ask()).status,
      (status) => status === 429,
      { what: 'no place is left' },
    );
    broken.destroy();
    await waitUntil(
      async () => (await ask()).status,
      (status) => status === 200,
      { what: 'a place is free' },
    );
  });
});

describe('many requests of POST /detect', () => {
  it('are told to come again beyond the limit', async () => {
    const look = Promise.withResolvers<Found[]>();
    let looks = 0;
    const url = await serve(
      () => {
        looks += 1;
        return look.promise;
      },
      { limits: { requestsMax: 2 } },
    );
    const ask = () => fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    const accepted = [ask(), ask()];
    await waitUntil(
      () => looks,
      (count) => count === 2,
      { what: 'two are looked at' },
    );
    const refused = await ask();
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await problemOf(refused)).toMatchObject({ code: 'too-many-requests', status: 429 });
    look.resolve([person]);
    for (const response of await Promise.all(accepted)) expect(response.status).toBe(200);
    expect((await ask()).status).toBe(200);
  });
});

describe('a failure of the workers', () => {
  it.each<['unreadable' | 'overloaded' | 'worker-lost' | 'timeout' | 'failed' | 'closed', string]>([
    ['unreadable', 'invalid-picture'],
    ['overloaded', 'too-many-requests'],
    ['worker-lost', 'detector-unavailable'],
    ['timeout', 'detector-unavailable'],
    ['failed', 'detector-unavailable'],
    ['closed', 'detector-unavailable'],
  ])('of kind %s is answered as %s', async (kind, code) => {
    const pool = { look: () => Promise.reject(new LookError(kind, 'for a test')) };
    const url = await serve(createLookAtSingle(pool, { epochMs: () => 0 }));
    const response = await fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    expect(await problemOf(response)).toMatchObject({ code });
  });

  it('of one detector alone is answered with its name', async () => {
    const answer = { detector: 'onnx', seconds: 0, outcome: 'failed', message: 'no such model' } as const;
    const pool = { look: () => Promise.resolve({ width: 1, height: 1, answers: [answer] }) };
    const url = await serve(createLookAtSingle(pool, { epochMs: () => 0 }));
    const response = await fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    const text = expect.stringMatching(/onnx failed: no such model/);
    expect(await problemOf(response)).toMatchObject({ code: 'detector-unavailable', text });
  });
});
