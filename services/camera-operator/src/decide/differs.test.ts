import { describe, expect, it } from '@jest/globals';
import { differs } from './differs.ts';
import { parseQuantity } from './quantity.ts';

const container = (parts: object) => ({ spec: { containers: [{ name: 'a', ...parts }] } });

describe('differs', () => {
  it.each<[what: string, desired: unknown, live: unknown]>([
    ['fields that others added', { spec: { a: 1 } }, { spec: { a: 1, b: 2 }, status: {} }],
    ['labels that others added', { labels: { a: '1' } }, { labels: { a: '1', b: '2' } }],
    [
      'an injected container before ours',
      container({}),
      { spec: { containers: [{ name: 'b' }, { name: 'a', terminationMessagePath: '/dev/log' }] } },
    ],
    [
      'the order of variables',
      container({ env: [{ name: 'A' }, { name: 'B' }] }),
      container({ env: [{ name: 'B' }, { name: 'A' }] }),
    ],
    [
      'another notation of a quantity',
      { limits: { cpu: '500m', memory: '1Gi' } },
      { limits: { cpu: '0.5', memory: '1024Mi' } },
    ],
    ['a quantity as a number', { limits: { 'nvidia.com/gpu': '1' } }, { limits: { 'nvidia.com/gpu': 1 } }],
    ['an undefined field', { a: undefined }, {}],
  ])('ignores %s', (_what, desired, live) => {
    expect(differs(desired, live)).toBe(false);
  });

  it.each<[what: string, desired: unknown, live: unknown]>([
    ['a missing object', { a: {} }, null],
    ['another value', { spec: { replicas: 1 } }, { spec: { replicas: 3 } }],
    ['a missing field', { spec: { a: false } }, { spec: {} }],
    [
      'a variable with another value',
      container({ env: [{ name: 'A', value: '1' }] }),
      container({ env: [{ name: 'A', value: '2' }] }),
    ],
    ['a selector with an extra key', { selector: { a: '1' } }, { selector: { a: '1', b: '2' } }],
    ['an extra toleration', { tolerations: [{ key: 'a' }] }, { tolerations: [{ key: 'a' }, { key: 'b' }] }],
    ['arguments in another order', container({ args: ['a', 'b'] }), container({ args: ['b', 'a'] })],
    ['another quantity', { limits: { memory: '1Gi' } }, { limits: { memory: '1G' } }],
    ['an invalid quantity', { limits: { memory: '1Gi' } }, { limits: { memory: 'much' } }],
    ['null instead of a map', { a: {} }, { a: null }],
  ])('detects %s', (_what, desired, live) => {
    expect(differs(desired, live)).toBe(true);
  });
});

describe('parseQuantity', () => {
  it.each([
    ['0.5', 0.5],
    ['500m', 0.5],
    ['2', 2],
    [3, 3],
    ['1k', 1000],
    ['1Ki', 1024],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['12e6', 12e6],
    ['1E', 1e18],
    ['-1', -1],
    ['', null],
    ['1 Gi', null],
    ['Gi', null],
  ])('parses %p as %p', (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });
});
