import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { listen } from '@camplane/service-kit/http-server';
import { problemHandler } from '@camplane/service-kit/problem-middleware';
import express from 'express';
import { requireCaller, requireRight } from './require-caller.ts';
import type { CallerName, Callers, CallerRight } from './require-caller.ts';

const rights: CallerRight[] = ['status', 'snapshot', 'probe'];
const passwordOf = (name: string): string => `${name}-`.padEnd(40, 'p');
const names: CallerName[] = ['control-api', 'camera-operator', 'stream-proxy'];
const passwords = Object.fromEntries(names.map((name) => [name, passwordOf(name)]));

/** Each has its own way to say who may call. */
const services: Record<string, Callers> = {
  own: { passwords, shared: passwordOf('shared') },
  revoked: { passwords: { ...passwords, 'control-api': passwordOf('new') }, shared: null },
  shared: { passwords: {}, shared: passwordOf('shared') },
  open: { passwords: {}, shared: null },
};

let server: Awaited<ReturnType<typeof listen>>;
const refused: (string | undefined)[] = [];

beforeAll(async () => {
  const app = express();
  const refusals = {
    count: (_endpoint: string, _request: unknown, caller?: string) => void refused.push(caller),
  };
  for (const [name, callers] of Object.entries(services)) {
    app.use(`/${name}`, requireCaller(callers, refusals));
    for (const right of rights) {
      app.get(
        `/${name}/${right}`,
        requireRight(right, refusals),
        (_request, response) => void response.send(),
      );
    }
  }
  app.use(problemHandler({ log: { error: () => undefined } }));
  server = await listen(app, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
});
beforeEach(() => void refused.splice(0));
afterAll(() => server.close());

/** The statuses of the three rights. */
async function answersOf(service: string, authorization?: string): Promise<number[]> {
  const headers = authorization === undefined ? {} : { authorization };
  const answers = rights.map((right) => fetch(`${server.url}/${service}/${right}`, { headers }));
  return (await Promise.all(answers)).map(({ status }) => status);
}
const bearer = (name: string) => `Bearer ${passwordOf(name)}`;

describe('camera-service', () => {
  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer wrong',
    `${bearer('control-api')}x`,
    bearer('shared'),
    'Basic abc',
  ])('refuses the authorization %j and counts it', async (authorization) => {
    expect(await answersOf('own', authorization)).toEqual([401, 401, 401]);
    expect(refused).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['control-api', [403, 200, 200]],
    ['camera-operator', [200, 403, 403]],
    ['stream-proxy', [403, 200, 403]],
  ])('knows %s, which may do only what it needs', async (name, statuses) => {
    expect(await answersOf('own', bearer(name))).toEqual(statuses);
    expect(new Set(refused)).toEqual(new Set([name]));
  });

  it('admits the other services when the password of one is replaced', async () => {
    expect(await answersOf('revoked', bearer('control-api'))).toEqual([401, 401, 401]);
    expect(await answersOf('revoked', bearer('new'))).toEqual([403, 200, 200]);
    expect(await answersOf('revoked', bearer('camera-operator'))).toEqual([200, 403, 403]);
  });

  it('admits the password of an earlier version while no service has its own, and everybody without one', async () => {
    expect(await answersOf('shared', bearer('shared'))).toEqual([200, 200, 200]);
    expect(await answersOf('shared', bearer('control-api'))).toEqual([401, 401, 401]);
    expect(await answersOf('open')).toEqual([200, 200, 200]);
  });
});
