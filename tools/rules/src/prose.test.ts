import { describe, expect, it } from '@jest/globals';
import { proseComplaints } from './prose-rules.ts';
import { proseOf } from './prose-text.ts';
import { repositoryOf } from './repository.ts';

function complaintsAbout(path: string, text: string): string[] {
  return proseComplaints(repositoryOf({ [path]: text }), () => true);
}

describe('the prose rule', () => {
  it.each([
    ['a comment', 'a.ts', '// The watch is begun anew.\n', /^a\.ts:1 "anew"/],
    ['a doc comment', 'a.ts', '/**\n * MediaMTX is away.\n */\nexport const a = 1;\n', /^a\.ts:2 "is away"/],
    ['a comment before a closing bracket', 'a.ts', 'export const a = [\n  1, // told\n];\n', /^a\.ts:2/],
    ['a string', 'a.ts', `log.warn({}, 'this operator leads no more');\n`, /^a\.ts:1 "no more"/],
    ['a template', 'a.ts', 'const a = `${b} was given up`;\n', /^a\.ts:1 "given up"/],
    ['a test name', 'a.test.ts', `it('is told of it', () => {});\n`, /^a\.test\.ts:1 "told"/],
    ['JSX text', 'a.tsx', 'const a = <p>There is none</p>;\n', /^a\.tsx:1 "There is none"/],
    ['Markdown', 'a.md', 'A camera\nthat is\nlooked\nat.\n', /^a\.md:3 "looked at" → inspects/],
    ['a YAML comment', 'a.yaml', '# Whoever reads this\na: 1\n', /^a\.yaml:1 "Whoever"/],
    ['a YAML value', 'a.yaml', 'summary: A camera is away.\n', /^a\.yaml:1 "is away"/],
    ['a shell comment', 'a.sh', '# It is made\n# anew.\n', /^a\.sh:2 "anew"/],
    ['a Go comment', 'main.go', '// hears of it\n', /^main\.go:1 "hears"/],
  ])('finds a phrase in %s', (_where, path, text, complaint) => {
    expect(complaintsAbout(path, text)).toEqual(expect.arrayContaining([expect.stringMatching(complaint)]));
  });

  it('finds a phrase across the lines of a comment', () => {
    const text =
      'const a = 1;\n  // A message is given\n  // up.\n  // At the end\n  /* it is\n   * told. */\n';
    expect(complaintsAbout('a.ts', text).map((complaint) => complaint.split(' →')[0])).toEqual([
      'a.ts:2 "given up"',
      'a.ts:6 "told"',
    ]);
  });

  it.each([
    ['identifiers in expressions', 'a.ts', 'publish(told.whoever, anew);\n'],
    ['import specifiers', 'a.ts', `import { a } from './told.ts';\n`],
    ['code in Markdown', 'a.md', 'Call `anew()`:\n\n```ts\ntold(anew);\n```\n'],
    ['link targets', 'a.md', '[the record](anew/told.md)\n'],
    [
      'ordinary English',
      'a.md',
      'There is no camera. No more than two. Neither A nor B. It is up to date.\n',
    ],
    ['the user nobody', 'a.sh', 'runs as nobody:nogroup\n'],
    ['texts of other programs', 'a.ts', `const text = 'wants to publish [told], but stream expects';\n`],
  ])('accepts %s', (_what, path, text) => {
    expect(complaintsAbout(path, text)).toEqual([]);
  });

  it.each([
    ['a variable', 'const inWords = 1;\n', 'inWords'],
    ['a property', 'type A = { lastHeard: string };\n', 'lastHeard'],
    ['a type', 'type Sight = string;\n', 'Sight'],
    ['a function', 'function demand(): void {}\n', 'demand'],
    ['an arrow function', 'const demandCamera = () => 1;\n', 'demandCamera'],
  ])('finds the name of %s', (_what, text, name) => {
    expect(complaintsAbout('a.ts', text)).toEqual([expect.stringContaining(`a.ts:1 name "${name}"`)]);
  });

  it('accepts demand as a noun', () => {
    expect(complaintsAbout('viewer-demand.ts', 'const demand = 1;\n')).toEqual([]);
  });

  it('finds the name of a file', () => {
    expect(complaintsAbout('src/look-at-source.ts', '')).toEqual([
      expect.stringContaining('src/look-at-source.ts:1 name "look-at-source"'),
    ]);
  });

  it('keeps every offset of the text', () => {
    const text = '/** a */\nconst b = `c ${d} e`; // f\n';
    expect(proseOf('a.ts', text)).toHaveLength(text.length);
  });
});
