import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedPages } from './generated-pages.ts';

const root = join(import.meta.dirname, '../../..');
for (const [path, text] of await generatedPages(root)) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  const before = readIfThere(file);
  if (before !== text) writeFileSync(file, text);
  console.log(`${before === text ? 'unchanged' : 'written  '}  ${path}`);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
