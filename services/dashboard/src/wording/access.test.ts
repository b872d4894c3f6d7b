import { describe, expect, it } from '@jest/globals';
import { exactDayText, grantsText, scopeText } from './access.ts';

const cameras = [
  { id: 'door', displayName: 'Front door' },
  { id: 'yard', displayName: '' },
];

describe('scopeText', () => {
  it('names up to three cameras', () => {
    expect(scopeText({ kind: 'cameras', ids: ['door'] }, cameras)).toBe('Front door');
    expect(scopeText({ kind: 'cameras', ids: ['door', 'yard'] }, cameras)).toBe('Front door and yard');
    expect(scopeText({ kind: 'cameras', ids: ['door', 'yard', 'gone'] }, cameras)).toBe(
      'Front door, yard and gone',
    );
    expect(scopeText({ kind: 'cameras', ids: ['door', 'yard', 'a', 'b'] }, cameras)).toBe(
      'Front door, yard and 2 more',
    );
  });

  it('describes all cameras and labels', () => {
    expect(scopeText({ kind: 'all' }, cameras)).toBe('all cameras');
    expect(scopeText({ kind: 'label', key: 'site', value: 'north' }, cameras)).toBe(
      'cameras with site = north',
    );
    expect(scopeText({ kind: 'label', key: 'site', value: '' }, cameras)).toBe('cameras with site = (empty)');
  });
});

describe('grantsText', () => {
  it('lists roles with their cameras', () => {
    expect(grantsText([], cameras)).toBe('no access');
    expect(
      grantsText(
        [
          { role: 'viewer', scope: { kind: 'cameras', ids: ['door'] } },
          { role: 'admin', scope: { kind: 'all' } },
        ],
        cameras,
      ),
    ).toBe('viewer of Front door; admin of all cameras');
  });
});

describe('exactDayText', () => {
  it('names the day', () => {
    expect(exactDayText(Date.UTC(2026, 0, 1), 'UTC')).toBe('1 January 2026');
  });
});
