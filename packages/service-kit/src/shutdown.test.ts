import { describe, expect, it } from '@jest/globals';
import { createShutdown } from './shutdown.ts';

function setUp(deadlineMs = 1_000) {
  const errors: object[] = [];
  const log = { info: () => undefined, error: (fields: object) => void errors.push(fields) };
  return { shutdown: createShutdown({ deadlineMs, log }), errors };
}
const forever = () => new Promise<void>(() => undefined);

describe('shutdown', () => {
  it('runs its steps in reverse order of registration', async () => {
    const { shutdown } = setUp();
    const order: string[] = [];
    for (const name of ['store', 'cameras', 'http']) {
      shutdown.onStop(name, async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} ends`);
      });
    }
    await shutdown.run('SIGTERM');
    expect(order).toEqual([
      'http begins',
      'http ends',
      'cameras begins',
      'cameras ends',
      'store begins',
      'store ends',
    ]);
    expect(shutdown.clean).toBe(true);
  });

  it('aborts its signal with the reason before the first step', async () => {
    const { shutdown } = setUp();
    let abortedAtStep = false;
    shutdown.onStop('step', () => {
      abortedAtStep = shutdown.signal.aborted;
    });
    expect(shutdown.signal.aborted).toBe(false);
    await shutdown.run('SIGINT');
    expect(abortedAtStep).toBe(true);
    expect(shutdown.signal.reason).toMatchObject({ name: 'AbortError', message: 'stopping: SIGINT' });
  });

  it('runs once for repeated calls', async () => {
    const { shutdown } = setUp();
    let runs = 0;
    shutdown.onStop('step', () => void (runs += 1));
    const [first, second] = [shutdown.run('a'), shutdown.run('b')];
    expect(first).toBe(second);
    await first;
    expect(runs).toBe(1);
    expect(shutdown.signal.reason).toMatchObject({ message: 'stopping: a' });
  });

  it('continues after a failed step and is not clean', async () => {
    const { shutdown, errors } = setUp();
    let ran = false;
    shutdown.onStop('last', () => void (ran = true));
    shutdown.onStop('rejects', async () => Promise.reject(new Error('no')));
    shutdown.onStop('throws', () => {
      throw new Error('no');
    });
    await shutdown.run('x');
    expect(ran).toBe(true);
    expect(errors).toEqual([
      expect.objectContaining({ step: 'throws' }),
      expect.objectContaining({ step: 'rejects' }),
    ]);
    expect(shutdown.clean).toBe(false);
  });

  it('names the step that hangs at the deadline and starts the others', async () => {
    const { shutdown, errors } = setUp(20);
    let began = false;
    shutdown.onStop('children', () => void (began = true));
    shutdown.onStop('stuck', forever);
    await shutdown.run('x');
    expect(errors[0]).toMatchObject({ step: 'stuck' });
    expect(began).toBe(true);
    expect(shutdown.clean).toBe(false);
  });

  it('waits for a start-up in progress first', async () => {
    const { shutdown } = setUp();
    const order: string[] = [];
    shutdown.settleFirst(
      'start-up',
      new Promise<void>((_resolve, reject) => {
        shutdown.signal.addEventListener('abort', () => {
          shutdown.onStop('opened late', () => void order.push('opened late'));
          order.push('start-up ends');
          reject(new Error('aborted'));
        });
      }),
    );
    shutdown.onStop('opened early', () => void order.push('opened early'));
    await shutdown.run('x');
    expect(order).toEqual(['start-up ends', 'opened late', 'opened early']);
    expect(shutdown.clean).toBe(true);
  });

  it('leaves half of the deadline to the steps if the start-up does not end', async () => {
    const { shutdown, errors } = setUp(40);
    let ran = false;
    shutdown.settleFirst('start-up', forever());
    shutdown.onStop('step', () => void (ran = true));
    await shutdown.run('x');
    expect(ran).toBe(true);
    expect(errors).toEqual([{ step: 'start-up' }]);
  });

  it('runs a step at once that is registered after the end', async () => {
    const { shutdown } = setUp();
    await shutdown.run('x');
    let ran = false;
    shutdown.onStop('late', () => void (ran = true));
    expect(ran).toBe(true);
  });
});
