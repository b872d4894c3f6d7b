import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { dependencyFoldersOf } from './kept-packages.ts';
import { licensesOf } from './licenses.ts';

describe('the licences of the dashboard', () => {
  it('include those of the packages inside its packages, once', async () => {
    const folders = await dependencyFoldersOf(join(import.meta.dirname, '../../../services/dashboard'));
    const text = await licensesOf([...folders, ...folders]);
    for (const part of [
      /^react \d.*\n\nMIT License/m,
      /^hls\.js \d.* \(Apache-2\.0\)\n\nCopyright/m,
      /^swagger-ui-dist \d.* \(Apache-2\.0\)/m,
      // The notice of swagger-ui, and a package that only its bundle contains.
      /^Copyright \d.* SmartBear Software/m,
      /@license DOMPurify \d/,
    ]) {
      expect(text).toMatch(part);
    }
    expect(text.match(/^swagger-ui-dist \d/gm)).toHaveLength(1);
  });
});
