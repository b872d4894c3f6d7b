import { describe, expect, it } from '@jest/globals';
import { covers, includesRight } from './rights.ts';
import type { GrantedRight } from './rights.ts';

const door = { id: 'door', labels: { site: 'north' } };

describe('covers', () => {
  it('covers the installation with the scope all alone', () => {
    expect(covers({ kind: 'all' }, null)).toBe(true);
    expect(covers({ kind: 'cameras', ids: ['door'] }, null)).toBe(false);
    expect(covers({ kind: 'label', key: 'site', value: 'north' }, null)).toBe(false);
  });

  it('covers named cameras and cameras with the label', () => {
    expect(covers({ kind: 'cameras', ids: ['door'] }, door)).toBe(true);
    expect(covers({ kind: 'cameras', ids: ['yard'] }, door)).toBe(false);
    expect(covers({ kind: 'label', key: 'site', value: 'north' }, door)).toBe(true);
    expect(covers({ kind: 'label', key: 'site', value: 'south' }, door)).toBe(false);
    expect(covers({ kind: 'label', key: 'constructor', value: '' }, door)).toBe(false);
  });
});

describe('includesRight', () => {
  it('needs permission and camera in the same right', () => {
    const rights: GrantedRight[] = [
      { permissions: ['camera.view'], scope: { kind: 'all' } },
      { permissions: ['camera.operate'], scope: { kind: 'cameras', ids: ['yard'] } },
    ];
    expect(includesRight(rights, 'camera.view', door)).toBe(true);
    expect(includesRight(rights, 'camera.operate', door)).toBe(false);
    expect(includesRight(rights, 'camera.view', null)).toBe(true);
    expect(includesRight(rights, 'user.manage', null)).toBe(false);
  });
});
