import { CamplaneError } from '@camplane/contracts/problem';

/** Runs tasks one at a time, in order. Refuses a task if `maxWaiting` are running or waiting. */
export function createOneAtATime(maxWaiting: number): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return (task) => {
    if (waiting >= maxWaiting) {
      return Promise.reject(
        new CamplaneError('store-unavailable', 'Too many changes are waiting: retry later'),
      );
    }
    waiting++;
    const result = last.then(task).finally(() => waiting--);
    last = result.catch(() => {});
    return result;
  };
}
