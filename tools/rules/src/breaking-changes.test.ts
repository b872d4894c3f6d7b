import { describe, expect, it } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { readFileSync } from 'node:fs';
import { breakingChanges, unannounced } from './breaking-changes.ts';
import type { OpenApi } from './breaking-changes.ts';

const text = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const parse = (path: string) => JSON.parse(text(path)) as OpenApi;
const currentPath = 'docs/reference/openapi.json';

describe('the described API', () => {
  it('keeps what was released, or the changelog announces the change', () => {
    const changes = breakingChanges(parse('docs/reference/openapi-released.json'), parse(currentPath));
    expect(unannounced(changes, text('CHANGELOG.md'))).toEqual([]);
  });
});

/** Sets or, without a value, deletes what is at a path of a document. */
function edit(document: object, path: readonly (string | number)[], value?: unknown): void {
  const [last = '', ...parents] = path.toReversed();
  const parent = parents
    .toReversed()
    .reduce<object>((inner, key) => Reflect.get(inner, key) as object, document);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else Reflect.set(parent, last, value);
}

type Edit = [path: (string | number)[], value?: unknown];
const schema = (name: string, ...rest: string[]) => ['components', 'schemas', name, ...rest];
const textSchema = { type: 'string' };

describe('breakingChanges', () => {
  const probe = operations.probeSource.path;
  const whep = operations.createWhepSession.path;
  const described = parse(currentPath).paths[probe];
  const cases: [string, Edit[], string[]][] = [
    ['nothing for an unchanged document', [], []],
    ['a removed operation', [[['paths', probe]]], ['probeSource: the operation was removed']],
    [
      'another route',
      [[['paths', probe]], [['paths', `${probe}s`], described]],
      [`probeSource: no longer true: its route is post ${probe}`],
    ],
    [
      'a removed field of an answer',
      [[schema('StreamHealth', 'properties', 'total')]],
      [
        'listStreamHealth: no longer true: answer.total is described',
        'listStreamHealth: no longer true: answer.total is always present',
        'listStreamHealth: no longer true: answer.total may be integer',
      ],
    ],
    [
      'a removed value of a parameter',
      [[['paths', whep, 'post', 'parameters', 1, 'schema', 'enum'], ['main']]],
      ['createWhepSession: no longer true: parameter quality may be "sub"'],
    ],
    [
      'a new required field of a body',
      [
        [schema('CreateStream', 'properties', 'place'), textSchema],
        [schema('CreateStream', 'required'), ['id', 'rtspUrl', 'place']],
      ],
      ['createStream: body.place is now required'],
    ],
    [
      'a field that became required',
      [[schema('CreateStream', 'required'), ['id', 'rtspUrl', 'name']]],
      ['createStream: no longer true: body.name is optional'],
    ],
    [
      'no new optional field, new field of an answer or new operation',
      [
        [schema('CreateStream', 'properties', 'place'), textSchema],
        [schema('Stream', 'properties', 'place'), textSchema],
        [['paths', `${probe}/new`], { get: { operationId: 'readNew', responses: {} } }],
      ],
      [],
    ],
  ];

  it.each(cases)('reports %s', (_what, edits, expected) => {
    const changed = parse(currentPath);
    for (const [path, value] of edits) edit(changed, path, value);
    expect(breakingChanges(parse(currentPath), changed)).toEqual(expected);
  });

  it('accepts what the first section of the changelog announces, by operation', () => {
    const changes = ['readCamera: no longer true: x', 'readUser: no longer true: y'];
    const changelog =
      '# Changelog\n\n## Unreleased\n\n- **Breaking** `readCamera`: x was removed.\n- readUser\n\n' +
      '## 1.0.0\n\n- **Breaking** `readUser`\n';
    expect(unannounced(changes, changelog)).toEqual(['readUser: no longer true: y']);
  });
});
