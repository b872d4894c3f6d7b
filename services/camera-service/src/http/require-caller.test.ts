import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listen } from '@camplane/service-kit/http-server';
import { problemHandler } from '@camplane/service-kit/problem-middleware';
import express from 'express';
import { requireCaller } from './require-caller.ts';

const password = 'p'.repeat(32);

describe('a service with a password', () => {
  let server: Awaited<ReturnType<typeof listen>>;

  beforeAll(async () => {
    const app = express();
    app.use('/open', requireCaller(null), (_request, response) => void response.send('ok'));
    app.use(requireCaller(password), (_request, response) => void response.send('ok'));
    app.use(problemHandler({ log: { error: () => undefined } }));
    server = await listen(app, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
  });
  afterAll(() => server.close());

  it.each([undefined, '', 'Bearer', 'Bearer wrong', `Bearer ${password}x`, `Basic ${password}`])(
    'refuses the authorization %j',
    async (authorization) => {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await fetch(`${server.url}/cameras`, { headers });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
        401,
        'unauthenticated',
      ]);
    },
  );

  it('admits the password, and everybody if it is not set', async () => {
    const headers = { authorization: `Bearer ${password}` };
    expect((await fetch(`${server.url}/cameras`, { headers })).status).toBe(200);
    expect((await fetch(`${server.url}/open`)).status).toBe(200);
  });
});
