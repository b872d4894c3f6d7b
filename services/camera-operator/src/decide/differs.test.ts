import { describe, expect, it } from '@jest/globals';
import { differs } from './differs.ts';
import { parseQuantity } from './quantity.ts';

const container = (parts: object) => ({ spec: { containers: [{ name: 'a', ...parts }] } });

describe('differs', () => {
  it.each<[what: string, wanted: unknown, there: unknown]>([
    ['fields that others added', { spec: { a: 1 } }, { spec: { a: 1, b: 2 }, status: {} }],
    ['labels that others added', { labels: { a: '1' } }, { labels: { a: '1', b: '2' } }],
    [
      'a container that was injected, before ours',
      container({}),
      { spec: { containers: [{ name: 'b' }, { name: 'a', terminationMessagePath: '/dev/log' }] } },
    ],
    [
      'the order of variables',
      container({ env: [{ name: 'A' }, { name: 'B' }] }),
      container({ env: [{ name: 'B' }, { name: 'A' }] }),
    ],
    [
      'another way to write an amount',
      { limits: { cpu: '500m', memory: '1Gi' } },
      { limits: { cpu: '0.5', memory: '1024Mi' } },
    ],
    ['an amount as a number', { limits: { 'nvidia.com/gpu': '1' } }, { limits: { 'nvidia.com/gpu': 1 } }],
    ['what is not said', { a: undefined }, {}],
  ])('does not count %s', (_what, wanted, there) => {
    expect(differs(wanted, there)).toBe(false);
  });

  it.each<[what: string, wanted: unknown, there: unknown]>([
    ['an object that is not there', { a: {} }, null],
    ['another value', { spec: { replicas: 1 } }, { spec: { replicas: 3 } }],
    ['a field that is missing', { spec: { a: false } }, { spec: {} }],
    [
      'a variable of another value',
      container({ env: [{ name: 'A', value: '1' }] }),
      container({ env: [{ name: 'A', value: '2' }] }),
    ],
    ['a selector with a key more', { selector: { a: '1' } }, { selector: { a: '1', b: '2' } }],
    ['a toleration more', { tolerations: [{ key: 'a' }] }, { tolerations: [{ key: 'a' }, { key: 'b' }] }],
    ['arguments in another order', container({ args: ['a', 'b'] }), container({ args: ['b', 'a'] })],
    ['another amount', { limits: { memory: '1Gi' } }, { limits: { memory: '1G' } }],
    ['no amount', { limits: { memory: '1Gi' } }, { limits: { memory: 'much' } }],
    ['a list in the place of a map', { a: {} }, { a: null }],
  ])('sees %s', (_what, wanted, there) => {
    expect(differs(wanted, there)).toBe(true);
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
  ])('reads %p as %p', (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });
});
