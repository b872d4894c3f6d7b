import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answers } from '@camplane/kafka-broker/answers';
import { startKafka } from './kafka.ts';
import type { TestKafka } from './kafka.ts';
import { isAlive } from './processes.ts';

describe('startKafka', () => {
  let kafka: TestKafka;
  beforeAll(async () => {
    kafka = await startKafka();
  }, 90_000);
  afterAll(() => kafka.stop());

  it('answers, is killed, comes back on the same port, and leaves no process', async () => {
    expect(await answers(kafka.port)).toBe(true);
    const first = kafka.pid;
    await kafka.kill();
    expect(await answers(kafka.port)).toBe(false);
    await kafka.restart();
    expect(await answers(kafka.port)).toBe(true);
    const second = kafka.pid;
    expect(second).not.toBe(first);
    await kafka.stop();
    for (const pid of [first, second]) expect(await isAlive(pid)).toBe(false);
  }, 90_000);
});
