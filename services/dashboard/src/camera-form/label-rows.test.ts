import { describe, expect, it } from '@jest/globals';
import { labelError, labelsOf, rowsOf } from './label-rows.ts';

describe('the rows of labels', () => {
  it('leave out empty rows and spaces', () => {
    const rows = [...rowsOf({ site: 'north' }), { key: '', value: '' }, { key: ' floor ', value: ' 2 ' }];
    expect(labelsOf(rows)).toEqual({ site: 'north', floor: '2' });
    expect(labelError(rows)).toBeNull();
  });

  it.each([
    [[{ key: '', value: 'north' }], 'a value needs a name'],
    [
      [
        { key: 'site', value: 'north' },
        { key: 'site', value: 'south' },
      ],
      'site is there twice',
    ],
    [[{ key: 'my site', value: '' }], /^my site: must begin and end with a letter/],
    [[{ key: 'site', value: 'north & south' }], /^site: must begin and end with a letter/],
    [
      Array.from({ length: 33 }, (_, index) => ({ key: `key-${index}`, value: '' })),
      'must be at most 32 labels',
    ],
  ])('%j are refused', (rows, message) => {
    expect(labelError(rows)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });
});
