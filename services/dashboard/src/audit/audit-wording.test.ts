import { describe, expect, it } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { actionText, knownActions } from './audit-wording.ts';

describe('actionText', () => {
  it('names known actions, and makes others readable', () => {
    expect(actionText('createSession')).toBe('Sign in');
    expect(actionText('listUsers')).toBe('List users');
    expect(actionText('media.publish')).toBe('Media publish');
    expect(actionText('')).toBe('');
  });

  it('knows only operations of the API and reads of media', () => {
    const actions = new Set<string>([...Object.keys(operations), 'media.read']);
    expect(knownActions.filter(([action]) => !actions.has(action))).toEqual([]);
  });
});
