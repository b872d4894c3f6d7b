import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const modulePath = 'zod-without-evaluation.ts';

describe('zod in the dashboard', () => {
  it('does not evaluate code, which the content policy forbids', async () => {
    const { Function } = globalThis;
    const evaluated: unknown[] = [];
    globalThis.Function = new Proxy(Function, {
      construct: (target, args: string[]) => {
        evaluated.push(args);
        return Reflect.construct(target, args);
      },
    });
    try {
      await import(`./${modulePath}`);
      const { cameraListSchema } = await import('@camplane/contracts/camera-http');
      expect(cameraListSchema.parse({ items: [] })).toEqual({ items: [] });
    } finally {
      globalThis.Function = Function;
    }
    expect(evaluated).toEqual([]);
  });

  it.each(['main.tsx', '../docs/api-page.ts'])('is configured by the first import of %s', async (file) => {
    const text = await readFile(join(import.meta.dirname, file), 'utf8');
    expect(/^import .*$/m.exec(text)?.[0]).toContain(`/${modulePath}'`);
  });
});
