import { basename, dirname, join } from 'node:path';

/**
 * What a source file names beside itself by `new URL('…', import.meta.url)`: worker threads and files. In a bundle
 * all code is one file, so these are brought to its side and the reference is rewritten.
 */
export type Neighbours = {
  /** The source as it reads in the bundle. */
  text: string;
  /** Worker threads: sources to bundle, by the name of their bundle (`overlay-worker.js`). */
  workers: ReadonlyMap<string, string>;
  /** Other files and folders to copy, by their name beside the bundle. */
  files: ReadonlyMap<string, string>;
};

const reference = /\bnew URL\(\s*(['"`])(\.{1,2}\/[^'"`]+)\1\s*,\s*import\.meta\.url\s*\)/g;
/** `./name.${extension}`, the extension being `ts` in the sources and `js` in a bundle. */
const eitherExtension = /^(.*)\.\$\{\w+\}$/;

/** @throws Error where a reference is neither to a file nor to a worker, and so would break in the bundle */
export function neighboursOf(path: string, text: string): Neighbours {
  const workers = new Map<string, string>();
  const files = new Map<string, string>();
  const rewritten = text.replace(reference, (found: string, _quote: string, relative: string) => {
    const either = eitherExtension.exec(relative)?.[1];
    if (relative.includes('${') && either === undefined) {
      throw new Error(`${path}: ${found} cannot be bundled, because its file is known only when it runs`);
    }
    const target = join(dirname(path), either === undefined ? relative : `${either}.ts`);
    if (target.endsWith('.ts')) {
      const name = basename(target).replace(/\.ts$/, '.js');
      workers.set(name, target);
      return `new URL('./${name}', import.meta.url)`;
    }
    const name = nameBesideBundle(target);
    files.set(name, target);
    return `new URL('./${name}', import.meta.url)`;
  });
  return { text: rewritten, workers, files };
}

/** `services/dashboard/dist` is `dashboard` there: what is built is named after what it is built from. */
function nameBesideBundle(target: string): string {
  return basename(target) === 'dist' ? basename(dirname(target)) : basename(target);
}
