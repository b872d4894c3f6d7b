import { describe, expect, it } from '@jest/globals';
import { rewriteUrlReferences } from './url-references.ts';

const source = '/camplane/services/looker/src/eye/start-eye.ts';

describe('URL references', () => {
  it('replace a worker thread by its bundle', () => {
    const found = rewriteUrlReferences(source, "new Worker(new URL('./eye-worker.ts', import.meta.url));");
    expect([...found.workers]).toEqual([
      ['eye-worker.js', '/camplane/services/looker/src/eye/eye-worker.ts'],
    ]);
    expect(found.text).toBe("new Worker(new URL('./eye-worker.js', import.meta.url));");
  });

  it('replace a worker thread whose extension is chosen at run time', () => {
    const found = rewriteUrlReferences(source, 'new URL(`./eye-worker.${extension}`, import.meta.url)');
    expect([...found.workers.values()]).toEqual(['/camplane/services/looker/src/eye/eye-worker.ts']);
    expect(found.text).toBe("new URL('./eye-worker.js', import.meta.url)");
  });

  it('name a built folder after its source', () => {
    const found = rewriteUrlReferences(
      source,
      "new URL('../../migrations', import.meta.url); new URL('../../../page/dist', import.meta.url)",
    );
    expect(Object.fromEntries(found.files)).toEqual({
      migrations: '/camplane/services/looker/migrations',
      page: '/camplane/services/page/dist',
    });
    expect(found.text).toBe("new URL('./migrations', import.meta.url); new URL('./page', import.meta.url)");
  });

  it('leave other URLs unchanged', () => {
    const text = "new URL('https://example.org'); new URL('/healthz', base); new URL(path, import.meta.url)";
    expect(rewriteUrlReferences(source, text)).toEqual({ text, workers: new Map(), files: new Map() });
  });

  it('refuse a target that is only known at run time', () => {
    expect(() => rewriteUrlReferences(source, 'new URL(`./${name}.ts`, import.meta.url)')).toThrow(
      /start-eye\.ts.*cannot be bundled/,
    );
  });
});
