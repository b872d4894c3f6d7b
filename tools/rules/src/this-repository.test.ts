import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { declaredEnvironments, declaredNames } from './environment-page.ts';
import { environmentIsDeclared, variablesWithSeveralMeanings } from './environment-rules.ts';
import { generatedPages } from './generated-pages.ts';
import { readRepository } from './repository.ts';
import { rules } from './rules.ts';

const root = join(import.meta.dirname, '../../..');
const repository = readRepository(root);

describe('in this repository', () => {
  it('there are sources to look at', () => {
    expect(repository.files.has('packages/contracts/src/camera.ts')).toBe(true);
    expect(repository.workspaces.map(({ folder }) => folder)).toContain('packages/contracts');
  });

  it.each(rules)('%s', (_sentence, rule) => {
    expect(rule(repository)).toEqual([]);
  });

  it('every environment variable that is read is declared, and so documented', async () => {
    const declared = declaredNames(await declaredEnvironments(root));
    expect(environmentIsDeclared(declared)(repository)).toEqual([]);
  });

  it('every environment variable has one meaning', async () => {
    expect(variablesWithSeveralMeanings(await declaredEnvironments(root))).toEqual([]);
  });

  it('generated pages are fresh (make generate writes them)', async () => {
    for (const [path, text] of await generatedPages(root)) {
      expect(`${path}\n${repository.files.get(path)}`).toBe(`${path}\n${text}`);
    }
  });
});
