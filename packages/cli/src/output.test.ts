import { describe, expect, it } from '@jest/globals';
import { ageOf } from './age.ts';
import { isAbout } from './event-view.ts';
import { permissionOf } from './explain-error.ts';
import { plain, tableLines } from './output.ts';

describe('a table', () => {
  it('aligns columns and omits empty ones', () => {
    expect(
      tableLines(
        ['NAME', 'NODE', 'WHY'],
        [
          ['a', '', 'x'],
          ['long-name', '', ''],
          ['📷', '', 'y'],
        ],
      ),
    ).toEqual(['NAME       WHY', 'a          x', 'long-name', '📷          y']);
  });

  it('strips control characters', () => {
    expect(plain('a\u001b[2Jb\r\nc\u202ed')).toBe('a [2Jb c d');
  });
});

describe('an age', () => {
  it.each([
    [0, '0s'],
    [59, '59s'],
    [60, '1m'],
    [200, '3m20s'],
    [660, '11m'],
    [7_500, '2h5m'],
    [36_000, '10h'],
    [90_000, '1d1h'],
    [1_000_000, '11d'],
    [-5, '0s'],
  ])('of %i s is %s', (seconds, text) => {
    const nowMs = Date.parse('2026-01-31T00:00:00Z');
    expect(ageOf(new Date(nowMs - seconds * 1000).toISOString(), nowMs)).toBe(text);
  });

  it('is empty for an invalid time', () => {
    expect([ageOf(undefined, 0), ageOf('yesterday', 0)]).toEqual(['', '']);
  });
});

describe('an event', () => {
  const about = (kind: string, name: string) => ({
    at: '',
    type: '',
    reason: '',
    kind,
    name,
    count: 1,
    message: '',
  });

  it.each([
    ['Camera', 'front', true],
    ['Camera', 'front-door', false],
    ['Deployment', 'camera-front', true],
    ['Deployment', 'camera-front-door', false],
    ['ReplicaSet', 'camera-front-6d5f8c9b7', true],
    ['Pod', 'camera-front-6d5f8c9b7-x2x4z', true],
    ['Pod', 'camera-front-door-6d5f8c9b7-x2x4z', false],
    ['Pod', 'front', false],
  ])('of %s %s belongs to camera front: %s', (kind, name, expected) => {
    expect(isAbout(about(kind, name), 'front')).toBe(expected);
  });

  it('belongs to Camplane if its object does', () => {
    const all = [about('Camera', 'x'), about('Pod', 'camplane-kafka-0'), about('Pod', 'other')];
    expect(all.map((event) => isAbout(event, undefined))).toEqual([true, true, false]);
  });
});

describe('a missing permission', () => {
  it('is extracted from the API server’s message', () => {
    const sentence = (rest: string) => `cameras is forbidden: User "me" cannot ${rest}`;
    expect(
      permissionOf(sentence('list resource "cameras" in API group "camplane.dev" in the namespace "yard"')),
    ).toBe('list cameras.camplane.dev in namespace yard');
    expect(
      permissionOf(sentence('get resource "services/proxy" in API group "" in the namespace "yard"')),
    ).toBe('get services/proxy in namespace yard');
    expect(permissionOf('no')).toBeUndefined();
  });
});
