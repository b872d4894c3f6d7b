import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Requests that are sent in turn; `bodies` are posted. */
export type Load = {
  url: string;
  headers?: Record<string, string>;
  bodies?: readonly string[];
  /** Of every response; another one is an error. */
  statuses: readonly number[];
};

const rounds = 10;
const secondsPerRound = 2;

export const steadyLoadSeconds = rounds * secondsPerRound;

/**
 * The times of two loads, in milliseconds. They take turns, so that other work on the machine meets both.
 *
 * @param perSecond requests per second of each
 */
export async function compareLoads(ours: Load, control: Load, perSecond: number) {
  const times = { ours: [] as number[], control: [] as number[] };
  for (const load of [ours, control]) await steadyLoad(load, perSecond, secondsPerRound);
  for (let round = 0; round < rounds; round += 1) {
    times.ours.push(...(await steadyLoad(ours, perSecond, secondsPerRound)));
    times.control.push(...(await steadyLoad(control, perSecond, secondsPerRound)));
  }
  return times;
}

/** Sends requests at a fixed rate without waiting for answers, each over a new connection as MediaMTX makes them. */
async function steadyLoad(load: Load, perSecond: number, forSeconds: number): Promise<number[]> {
  const startedMs = performance.now();
  const pending: Promise<number>[] = [];
  for (let index = 0; index < perSecond * forSeconds; index += 1) {
    const waitMs = startedMs + (index * 1000) / perSecond - performance.now();
    if (waitMs > 0) await delay(waitMs);
    pending.push(time(load, index));
  }
  return Promise.all(pending);
}

async function time({ url, headers = {}, bodies, statuses }: Load, index: number): Promise<number> {
  const startedMs = performance.now();
  const sent = request(url, {
    method: bodies === undefined ? 'GET' : 'POST',
    agent: new Agent({ keepAlive: false }),
    headers: { 'content-type': 'application/json', ...headers },
  }).end(bodies?.[index % bodies.length]);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if (!statuses.includes(response.statusCode ?? 0)) throw new Error(`${url} answered ${response.statusCode}`);
  return performance.now() - startedMs;
}
