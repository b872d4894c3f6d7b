import { basename, dirname, join } from 'node:path';

/**
 * Worker threads and files that a source file refers to with `new URL('…', import.meta.url)`. A bundle is one file, so
 * they are placed beside it and the references rewritten.
 */
export type UrlReferences = {
  /** The rewritten source. */
  text: string;
  /** Sources of worker threads by the name of their bundle (`overlay-worker.js`). */
  workers: ReadonlyMap<string, string>;
  /** Other files and folders to copy, by their name in the bundle's folder. */
  files: ReadonlyMap<string, string>;
};

const reference = /\bnew URL\(\s*(['"`])(\.{1,2}\/[^'"`]+)\1\s*,\s*import\.meta\.url\s*\)/g;
/** `./name.${extension}`: the extension is `ts` in the sources and `js` in a bundle. */
const variableExtension = /^(.*)\.\$\{\w+\}$/;

/** @throws Error for a reference whose target is only known at run time */
export function rewriteUrlReferences(path: string, text: string): UrlReferences {
  const workers = new Map<string, string>();
  const files = new Map<string, string>();
  const rewritten = text.replace(reference, (found: string, _quote: string, relative: string) => {
    const stem = variableExtension.exec(relative)?.[1];
    if (relative.includes('${') && stem === undefined) {
      throw new Error(`${path}: ${found} cannot be bundled: its target is only known at run time`);
    }
    const target = join(dirname(path), stem === undefined ? relative : `${stem}.ts`);
    if (target.endsWith('.ts')) {
      const name = basename(target).replace(/\.ts$/, '.js');
      workers.set(name, target);
      return `new URL('./${name}', import.meta.url)`;
    }
    const name = nameInBundle(target);
    files.set(name, target);
    return `new URL('./${name}', import.meta.url)`;
  });
  return { text: rewritten, workers, files };
}

/** `services/dashboard/dist` becomes `dashboard`. */
function nameInBundle(target: string): string {
  return basename(target) === 'dist' ? basename(dirname(target)) : basename(target);
}
