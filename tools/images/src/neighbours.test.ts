import { describe, expect, it } from '@jest/globals';
import { neighboursOf } from './neighbours.ts';

const source = '/camplane/services/looker/src/eye/start-eye.ts';

describe('what a source names beside itself', () => {
  it('finds a worker thread and names its bundle instead', () => {
    const found = neighboursOf(source, "new Worker(new URL('./eye-worker.ts', import.meta.url));");
    expect([...found.workers]).toEqual([
      ['eye-worker.js', '/camplane/services/looker/src/eye/eye-worker.ts'],
    ]);
    expect(found.text).toBe("new Worker(new URL('./eye-worker.js', import.meta.url));");
  });

  it('finds a worker thread whose extension is chosen when it runs', () => {
    const found = neighboursOf(source, 'new URL(`./eye-worker.${extension}`, import.meta.url)');
    expect([...found.workers.values()]).toEqual(['/camplane/services/looker/src/eye/eye-worker.ts']);
    expect(found.text).toBe("new URL('./eye-worker.js', import.meta.url)");
  });

  it('finds a folder, named after what it was built from', () => {
    const found = neighboursOf(
      source,
      "new URL('../../migrations', import.meta.url); new URL('../../../page/dist', import.meta.url)",
    );
    expect(Object.fromEntries(found.files)).toEqual({
      migrations: '/camplane/services/looker/migrations',
      page: '/camplane/services/page/dist',
    });
    expect(found.text).toBe("new URL('./migrations', import.meta.url); new URL('./page', import.meta.url)");
  });

  it('leaves other addresses alone', () => {
    const text = "new URL('https://example.org'); new URL('/healthz', base); new URL(path, import.meta.url)";
    expect(neighboursOf(source, text)).toEqual({ text, workers: new Map(), files: new Map() });
  });

  it('refuses a file that is known only when it runs', () => {
    expect(() => neighboursOf(source, 'new URL(`./${name}.ts`, import.meta.url)')).toThrow(
      /start-eye\.ts.*cannot be bundled/,
    );
  });
});
