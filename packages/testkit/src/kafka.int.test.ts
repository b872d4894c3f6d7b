import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isResponding } from '@camplane/kafka-broker/is-responding';
import { startKafka } from './kafka.ts';
import type { TestKafka } from './kafka.ts';
import { isAlive } from './processes.ts';

describe('startKafka', () => {
  let kafka: TestKafka;
  beforeAll(async () => {
    kafka = await startKafka();
  }, 90_000);
  afterAll(() => kafka.stop());

  it('responds, restarts on the same port after a kill, and leaves no process', async () => {
    expect(await isResponding(kafka.port)).toBe(true);
    const first = kafka.pid;
    await kafka.kill();
    expect(await isResponding(kafka.port)).toBe(false);
    await kafka.restart();
    expect(await isResponding(kafka.port)).toBe(true);
    const second = kafka.pid;
    expect(second).not.toBe(first);
    await kafka.stop();
    for (const pid of [first, second]) expect(await isAlive(pid)).toBe(false);
  }, 90_000);
});
