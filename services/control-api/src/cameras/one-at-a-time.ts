import { CamplaneError } from '@camplane/contracts/problem';

/** Runs tasks one after another, in the order they came; refuses more than `maxWaiting` at once. */
export function createOneAtATime(maxWaiting: number): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return (task) => {
    if (waiting >= maxWaiting) {
      return Promise.reject(new CamplaneError('store-unavailable', 'Too many changes wait to be stored'));
    }
    waiting++;
    const result = last.then(task).finally(() => waiting--);
    last = result.catch(() => {});
    return result;
  };
}
