import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guideCommands, runGuideCommands } from '@camplane/testkit/guide-commands';

jest.setTimeout(120_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camplane-guide-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('docs/guide/quickstart.md', () => {
  it('has commands that start Camplane', async () => {
    // Instead of a copy, this repository; make prints what it would run.
    const before = `
      git() { ln --symbolic --no-target-directory "$REPOSITORY" "\${!#}"; }
      make() { env | grep -E '^(HTTP|MEDIA|CAMPLANE_PUBLIC)_HOST=' || true; command make --dry-run "$@"; }
    `;
    const environment = { REPOSITORY: fileURLToPath(new URL('../../', import.meta.url)) };
    const outputs: string[] = [];
    for (const block of await guideCommands('quickstart.md')) {
      // The second block runs in the folder of the first.
      const entered = outputs.length === 0 ? before : `${before}\ncd camplane`;
      outputs.push(await runGuideCommands(block, { folder, before: entered, environment }));
    }
    const starts = expect.stringMatching(/^exec node \S+\/standalone\/main\.js$/m);
    expect(outputs).toEqual([starts, starts]);
    expect(outputs[1]).toContain('HTTP_HOST=0.0.0.0\n');
  });
});
