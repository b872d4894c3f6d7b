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
import { drawnImage } from '../testing/images.ts';
import { DetectError } from '../workers/detect-error.ts';
import { detectRoutes } from './detect-routes.ts';
import type { DetectLimits, DetectInImage } from './detect-routes.ts';
import type { SingleDetector } from './detect-query.ts';
import { hostileBodies, imageHead, multipart } from './fixtures/hostile-bodies.ts';
import { createImageDetection } from './detect-in-image.ts';

jest.setTimeout(60_000);

const person: Found = {
  label: 'person',
  confidence: 0.8,
  boundingBox: { x: 0.25, y: 0.5, width: 0.25, height: 0.25 },
};

let jpeg: Uint8Array;
beforeAll(async () => {
  jpeg = await drawnImage({ width: 320, height: 180 });
});

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(
  detect: DetectInImage,
  options: { limits?: Partial<DetectLimits>; detectors?: SingleDetector[] } = {},
): Promise<string> {
  const app = express();
  app.use(detectRoutes({ detect, detectors: options.detectors ?? ['person'], ...options }));
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

/** The code of a valid problem. */
async function problemOf(response: Response): Promise<{ code: string; status: number; text: string }> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return { code: problem.code, status: problem.status, text: JSON.stringify(problem) };
}

describe('POST /detect', () => {
  it('returns detections, highest confidence first', async () => {
    const asked: unknown[] = [];
    const surer = { ...person, confidence: 0.9 };
    const url = await serve((image, detectors, minConfidence) => {
      asked.push([Buffer.from(image), detectors, minConfidence]);
      return Promise.resolve([person, surer]);
    });
    const response = await fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(detectAnswerSchema.parse(await response.json())).toEqual([surer, person]);
    expect(asked).toEqual([[Buffer.from(jpeg), ['person'], 0.5]]);
  });

  it('accepts PNG', async () => {
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
    ['?detector=motion', 'invalid-query', 400, /motion needs consecutive frames/],
    ['?detector=http', 'invalid-query', 400, /http uses another service/],
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

  it('rejects other methods', async () => {
    const url = await serve(() => Promise.resolve([]));
    const response = await fetch(url);
    expect(response.headers.get('allow')).toBe('POST');
    expect(await problemOf(response)).toMatchObject({ code: 'method-not-allowed' });
  });

  it('rejects web pages of another origin', async () => {
    const url = await serve(() => Promise.resolve([]));
    const post = (origin: string) =>
      fetch(url, { method: 'POST', headers: { origin }, body: formOf(['image', jpeg]) });
    expect(await problemOf(await post('https://elsewhere.example'))).toMatchObject({ code: 'cross-origin' });
    expect(await problemOf(await post('null'))).toMatchObject({ code: 'cross-origin' });
    expect((await post(new URL(url).origin)).status).toBe(200);
  });
});

describe('the body of POST /detect', () => {
  it.each(hostileBodies)('%s is rejected without detection', async (_, { type, body }, code, message) => {
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

  it('is rejected if it is too large, also without a Content-Length', async () => {
    const url = await serve(() => Promise.resolve([]), { limits: { bodyMaxBytes: 1000 } });
    const large = formOf(['image', Buffer.alloc(2000)]);
    const sent = await fetch(url, { method: 'POST', body: large });
    expect(await problemOf(sent)).toMatchObject({ code: 'body-too-large', status: 413 });
    const chunks = new ReadableStream({
      start(controller) {
        for (let chunk = 0; chunk < 20; chunk++) controller.enqueue(new Uint8Array(100));
        controller.close();
      },
    });
    const unsent = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: chunks,
      duplex: 'half',
    });
    expect(await problemOf(unsent)).toMatchObject({ code: 'body-too-large' });
  });

  it('is rejected if it is compressed', async () => {
    const url = await serve(() => Promise.resolve([]));
    const { type, body } = multipart('x', `${imageHead}\r\n\r\nabc`);
    const headers = { 'content-type': type, 'content-encoding': 'gzip' };
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
    expect(await problemOf(response)).toMatchObject({ code: 'unsupported-media-type' });
  });

  it('is rejected if the image has too many pixels', async () => {
    const url = await serve(() => Promise.resolve([]), { limits: { pixelsMax: 320 * 180 - 1 } });
    const response = await fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    const text = expect.stringMatching(/320×180 pixels, more than 57599/);
    expect(await problemOf(response)).toMatchObject({ code: 'invalid-picture', text });
  });

  it('frees its slot if the connection is lost', async () => {
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

describe('concurrent requests of POST /detect', () => {
  it('get 429 beyond the limit', async () => {
    const detect = Promise.withResolvers<Found[]>();
    let looks = 0;
    const url = await serve(
      () => {
        looks += 1;
        return detect.promise;
      },
      { limits: { requestsMax: 2 } },
    );
    const ask = () => fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    const accepted = [ask(), ask()];
    await waitUntil(
      () => looks,
      (count) => count === 2,
      { what: 'two are being processed' },
    );
    const refused = await ask();
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await problemOf(refused)).toMatchObject({ code: 'too-many-requests', status: 429 });
    detect.resolve([person]);
    for (const response of await Promise.all(accepted)) expect(response.status).toBe(200);
    expect((await ask()).status).toBe(200);
  });
});

describe('a worker failure', () => {
  it.each<['unreadable' | 'overloaded' | 'worker-lost' | 'timeout' | 'failed' | 'closed', string]>([
    ['unreadable', 'invalid-picture'],
    ['overloaded', 'too-many-requests'],
    ['worker-lost', 'detector-unavailable'],
    ['timeout', 'detector-unavailable'],
    ['failed', 'detector-unavailable'],
    ['closed', 'detector-unavailable'],
  ])('of kind %s is answered as %s', async (kind, code) => {
    const pool = { detect: () => Promise.reject(new DetectError(kind, 'for a test')) };
    const url = await serve(createImageDetection(pool, { epochMs: () => 0 }));
    const response = await fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    expect(await problemOf(response)).toMatchObject({ code });
  });

  it('of one detector is reported with its name', async () => {
    const answer = { detector: 'onnx', seconds: 0, outcome: 'failed', message: 'no such model' } as const;
    const pool = { detect: () => Promise.resolve({ width: 1, height: 1, results: [answer] }) };
    const url = await serve(createImageDetection(pool, { epochMs: () => 0 }));
    const response = await fetch(url, { method: 'POST', body: formOf(['image', jpeg]) });
    const text = expect.stringMatching(/onnx failed: no such model/);
    expect(await problemOf(response)).toMatchObject({ code: 'detector-unavailable', text });
  });
});
