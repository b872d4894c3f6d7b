import { describe, expect, it } from '@jest/globals';
import { secretRefusalFor } from './camera-secret.ts';

const owner = (uid: string, kind = 'Camera') => ({
  ...{ apiVersion: 'camplane.dev/v1alpha1', kind, name: 'yard', uid },
});
const labelled = { 'camplane.dev/camera-credentials': 'true' };

describe('a Secret', () => {
  it('may be used by a Camera if it has the label', () => {
    expect(secretRefusalFor('a', { labels: labelled })).toBeNull();
    expect(secretRefusalFor('a', {})).toEqual({ reason: 'not-labelled' });
    for (const value of ['', 'false', 'True']) {
      const labels = { 'camplane.dev/camera-credentials': value };
      expect(secretRefusalFor('a', { labels })).toEqual({ reason: 'not-labelled' });
    }
  });

  it('of a Camera may be used by that Camera alone, with the label or without', () => {
    expect(secretRefusalFor('a', { ownerReferences: [owner('a')] })).toBeNull();
    expect(secretRefusalFor('a', { labels: labelled, ownerReferences: [owner('b')] })).toEqual({
      ...{ reason: 'other-owner', owner: 'yard' },
    });
  });

  it('of another kind of owner needs the label', () => {
    const ownerReferences = [owner('a', 'SealedSecret'), { ...owner('a'), apiVersion: 'other.example/v1' }];
    expect(secretRefusalFor('a', { ownerReferences })).toEqual({ reason: 'not-labelled' });
    expect(secretRefusalFor('a', { ownerReferences, labels: labelled })).toBeNull();
  });
});
