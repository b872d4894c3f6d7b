import { expect, it } from '@jest/globals';
import { withTransitionTimes } from './transition-times.ts';

const condition = (type: string, status: string, reason = 'Because') => ({ type, status, reason });

it('keeps the time of a condition whose status is unchanged', () => {
  const first = withTransitionTimes([condition('Ready', 'True')], [], 't1');
  expect(first).toEqual([{ ...condition('Ready', 'True'), lastTransitionTime: 't1' }]);
  const second = withTransitionTimes([condition('Ready', 'True', 'Another')], first, 't2');
  expect(second).toEqual([{ ...condition('Ready', 'True', 'Another'), lastTransitionTime: 't1' }]);
});

it('takes the current time for a changed status and for a new condition', () => {
  const before = withTransitionTimes([condition('Ready', 'True')], [], 't1');
  const after = withTransitionTimes(
    [condition('Ready', 'False'), condition('Connected', 'True')],
    before,
    't2',
  );
  expect(after.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(['t2', 't2']);
});
