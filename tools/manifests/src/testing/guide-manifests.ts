import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from './render.ts';
import { manifestsOf, root } from './render.ts';

/** Objects in the here-documents (`<<'END'` … `END`) of a guide. */
export function manifestsOfGuide(path: string): Manifest[] {
  const text = readFileSync(join(root, path), 'utf8');
  return [...text.matchAll(/<<'?END'?\n([\s\S]*?)\nEND$/gm)].flatMap(([, manifest = '']) =>
    manifestsOf(manifest),
  );
}
