import { describe, expect, it } from '@jest/globals';
import { groupsOf, namesOf } from './claims.ts';
import { grantsOfGroups, mappedGroups, parseRoleMapping } from './role-mapping.ts';

describe('a mapping of groups to roles', () => {
  it('reads groups with spaces, commas and signs, and every kind of scope', () => {
    const text =
      'CN=Guards,OU=Site North=viewer@label:site=north; night shift = operator@cameras:door, yard;\n' +
      'admins@example.com=admin@all; empty=viewer@label:site=;';
    expect(parseRoleMapping(text)).toEqual(
      [
        {
          group: 'CN=Guards,OU=Site North',
          grant: { role: 'viewer', scope: { kind: 'label', key: 'site', value: 'north' } },
        },
        { group: 'admins@example.com', grant: { role: 'admin', scope: { kind: 'all' } } },
        { group: 'empty', grant: { role: 'viewer', scope: { kind: 'label', key: 'site', value: '' } } },
      ].toSpliced(1, 0, {
        group: 'night shift',
        grant: { role: 'operator', scope: { kind: 'cameras', ids: ['door', 'yard'] } },
      } as never),
    );
  });

  it.each([
    'admins',
    'admins=admin',
    '=admin@all',
    'admins=admin@everything',
    'admins=Admin@all',
    'a=viewer@cameras:',
    'a=viewer@cameras:Not_An_Id',
    'a=viewer@label:site',
    'a=viewer@label:=north',
    Array.from({ length: 51 }, (_, index) => `g${index}=viewer@all`).join(';'),
  ])('refuses %j', (text) => {
    expect(parseRoleMapping(text)).toBeUndefined();
  });

  it('grants what all groups of a user have, compared exactly', () => {
    const mapping = parseRoleMapping('a=viewer@all; b=operator@cameras:x; a=operator@cameras:y') ?? [];
    expect(mappedGroups(mapping, ['b', 'A', 'c'])).toEqual(['b']);
    expect(grantsOfGroups(mapping, ['a']).map(({ role }) => role)).toEqual(['viewer', 'operator']);
    expect(grantsOfGroups(mapping, [])).toEqual([]);
  });
});

describe('the groups in claims', () => {
  it.each([
    [{ groups: ['a', 1, 'b'] }, 'groups', ['a', 'b']],
    [{ groups: 'a' }, 'groups', ['a']],
    [{ realm_access: { roles: ['a'] } }, 'realm_access.roles', ['a']],
    [{ 'https://x.example/groups': ['a'] }, 'https://x.example/groups', ['a']],
    [{}, 'groups', []],
    [{ groups: { a: true } }, 'groups', []],
    [{}, '__proto__.constructor', []],
    [{ email: 'sam@example.com', email_verified: true }, 'email', ['sam@example.com']],
    [{ email: 'sam@example.com', email_verified: false }, 'email', []],
    [{ email: 'sam@example.com' }, 'email', []],
  ])('of %j under %s are %j', (claims, claim, groups) => {
    expect(groupsOf(claims, claim)).toEqual(groups);
  });

  it('come with a name that people know', () => {
    expect(namesOf({ sub: '1', email: 'a@b.example', name: 'Sam\u0000' })).toEqual({
      name: 'a@b.example',
      displayName: 'Sam',
    });
    expect(namesOf({ sub: '1' })).toEqual({ name: '1', displayName: '1' });
  });
});
