import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import type { BundledService } from './bundled-service.ts';
import { copyKeptPackages, dependencyFoldersOf, keptPackageOf } from './kept-packages.ts';
import type { CopiedPackage, Machine } from './kept-packages.ts';
import { licensesOf, packageFolderOf } from './licenses.ts';
import { rewriteUrlReferences } from './url-references.ts';
import type { UrlReferences } from './url-references.ts';

export type Bundle = {
  /** Contains `main.js`, its workers, `node_modules` with the unbundled packages, and copied folders. */
  folder: string;
  /** Names of the worker threads' bundles. */
  workers: string[];
  kept: CopiedPackage[];
};

/** Bundles a service into the folder `target`, which then runs without the repository. Replaces `target` atomically. */
export async function bundleService(
  service: BundledService,
  options: { root: string; target: string; machine: Machine },
): Promise<Bundle> {
  const { root, target, machine } = options;
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });

  const source = join(root, service.source ?? `services/${service.name}`);
  const code = await bundleCode(join(source, 'src/main.ts'), unfinished);
  const located = (service.located?.(machine) ?? []).map(
    ({ name, importer }) => [name, join(root, importer)] as const,
  );
  const kept = await copyKeptPackages(
    new Map([...code.kept, ...located]),
    join(unfinished, 'node_modules'),
    machine,
  );
  const folders = new Map(Object.entries(service.folders).map(([name, path]) => [name, join(root, path)]));
  const builtIn: string[] = [];
  for (const [name, beside] of new Map([...folders, ...code.files])) {
    await copyBeside(beside, join(unfinished, name));
    if (basename(beside) === 'dist') builtIn.push(...(await dependencyFoldersOf(dirname(beside))));
  }
  const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
  };
  await writeFile(
    join(unfinished, 'package.json'),
    `${JSON.stringify({ name: `camplane-${service.name}`, version: manifest.version, private: true, type: 'module', license: manifest.license })}\n`,
  );
  await writeFile(
    join(unfinished, 'THIRD-PARTY-LICENSES.txt'),
    await licensesOf([...code.packageFolders, ...builtIn, ...kept.map(({ folder }) => folder)]),
  );
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
  return { folder: target, workers: code.workers, kept };
}

type Code = {
  workers: string[];
  files: ReadonlyMap<string, string>;
  kept: ReadonlyMap<string, string>;
  packageFolders: string[];
};

/** Bundles the entry and, separately, each worker thread that it or another worker starts. */
async function bundleCode(main: string, target: string): Promise<Code> {
  const files = new Map<string, string>();
  const kept = new Map<string, string>();
  const packageFolders = new Set<string>();
  const entries = new Map([['main.js', main]]);
  // Grows during the loop: a bundled entry may refer to workers.
  for (const [name, source] of entries) {
    const bundled = await build({
      entryPoints: [source],
      outfile: join(target, name),
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      sourcemap: 'linked',
      // Stack traces need file and line, not the text.
      sourcesContent: false,
      legalComments: 'none',
      // Bundled CommonJS packages load Node's modules with `require`.
      banner: {
        js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
      },
      metafile: true,
      logLevel: 'silent',
      plugins: [
        keepPackages((specifier, importer) => kept.set(specifier, kept.get(specifier) ?? importer)),
        rewriteReferences((references) => {
          for (const [worker, path] of references.workers) addOnce(entries, worker, path);
          for (const [file, path] of references.files) addOnce(files, file, path);
        }),
      ],
    });
    for (const input of Object.keys(bundled.metafile.inputs)) {
      const folder = packageFolderOf(resolve(input));
      if (folder !== undefined) packageFolders.add(folder);
    }
  }
  const workers = [...entries.keys()].filter((name) => name !== 'main.js');
  return { workers, files, kept, packageFolders: [...packageFolders] };
}

/** Keeps the unbundled packages as imports and reports each with the folder that imports it. */
function keepPackages(onKept: (name: string, importer: string) => void): Plugin {
  return {
    name: 'kept packages',
    setup(building) {
      building.onResolve({ filter: /^[^.]/ }, ({ path, resolveDir }) => {
        const name = keptPackageOf(path);
        if (name === undefined) return undefined;
        onKept(name, resolveDir);
        return { path, external: true };
      });
    },
  };
}

function rewriteReferences(onFound: (found: UrlReferences) => void): Plugin {
  return {
    name: 'URL references',
    setup(building) {
      building.onLoad({ filter: /\/(services|packages)\/[^/]+\/src\/.*\.ts$/ }, async ({ path }) => {
        const found = rewriteUrlReferences(path, await readFile(path, 'utf8'));
        onFound(found);
        return { contents: found.text, loader: 'ts', resolveDir: dirname(path) };
      });
    },
  };
}

/** @throws Error if two sources need the same name */
function addOnce(entries: Map<string, string>, name: string, path: string): void {
  const known = entries.get(name);
  if (known !== undefined && known !== path) {
    throw new Error(`${known} and ${path} both become ${name} in the bundle: rename one`);
  }
  entries.set(name, path);
}

async function copyBeside(source: string, target: string): Promise<void> {
  try {
    await cp(source, target, { recursive: true, filter: (file) => basename(file) !== '.camplane-key' });
  } catch (cause) {
    throw new Error(
      `${source} cannot be copied into the bundle: build it first (run 'make setup' for the dashboard)`,
      { cause },
    );
  }
}
