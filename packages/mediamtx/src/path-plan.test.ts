import { describe, expect, it } from '@jest/globals';
import { cameraPath } from './camera-path.ts';
import { planPaths } from './path-plan.ts';

const config = (file: string) => cameraPath({ kind: 'file', file });
const pushed = (file: string) => JSON.stringify(config(file));

describe('planPaths', () => {
  it('pushes new and changed paths only', () => {
    const plan = planPaths(
      {
        desired: new Map([
          ['new', config('a')],
          ['changed', config('b')],
          ['same', config('c')],
        ]),
        pushed: new Map([
          ['changed', pushed('a')],
          ['same', pushed('c')],
        ]),
        obsolete: new Set(),
      },
      new Set(['changed', 'same']),
    );
    expect(plan).toEqual({ lost: [], deleted: [], toDelete: [], toPush: ['new', 'changed'] });
  });

  it('pushes lost paths again if they are still desired', () => {
    const plan = planPaths(
      {
        desired: new Map([['kept', config('a')]]),
        pushed: new Map([
          ['kept', pushed('a')],
          ['dropped', pushed('b')],
        ]),
        obsolete: new Set(),
      },
      new Set(),
    );
    expect(plan).toEqual({ lost: ['kept', 'dropped'], deleted: [], toDelete: [], toPush: ['kept'] });
  });

  it('deletes obsolete paths that are present', () => {
    const plan = planPaths(
      { desired: new Map(), pushed: new Map(), obsolete: new Set(['present', 'missing']) },
      new Set(['present', 'foreign']),
    );
    expect(plan).toEqual({ lost: [], deleted: ['missing'], toDelete: ['present'], toPush: [] });
  });
});
