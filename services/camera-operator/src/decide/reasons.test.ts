import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { operatorReasons } from './reasons.ts';

it('docs/guide/camera-resource.md explains exactly these reasons', async () => {
  const guide = await readFile(
    join(import.meta.dirname, '../../../../docs/guide/camera-resource.md'),
    'utf8',
  );
  const [, section = ''] = /^## Why a camera is not ready$(.*?)^## /ms.exec(guide) ?? [];
  const rows = [...section.matchAll(/^\| `(\w+)` \| .+ \| .+ \|$/gm)].map(([, reason]) => reason);
  expect(rows.toSorted()).toEqual(Object.keys(operatorReasons).toSorted());
});
