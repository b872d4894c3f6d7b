import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One member of the workspace. */
export type Workspace = {
  /** From the root: `packages/contracts`. */
  folder: string;
  name: string;
  dependencies: readonly string[];
  devDependencies: readonly string[];
};

/** The text files of a repository by path, and its workspaces. */
export type Repository = {
  files: ReadonlyMap<string, string>;
  workspaces: readonly Workspace[];
  /** Dependencies of the root package.json, which tests and tools may import. */
  rootDependencies: readonly string[];
};

/** A rule returns one sentence per violation, starting with the path. */
export type Rule = (repository: Repository) => string[];

const ignoredFolders = new Set([
  'node_modules',
  '.git',
  '.tools',
  'dist',
  'data',
  'coverage',
  'vendor',
  'tmp',
]);
const textFile =
  /\.(ts|tsx|js|mjs|cjs|json|md|ya?ml|sh|css|html|sql|svg|toml|conf|txt|mod|go|tpl|Dockerfile)$|\/(run|Makefile|Dockerfile|\.npmrc|\.gitignore)$/;
// The members in pnpm-workspace.yaml.
const manifestPath =
  /^((services|packages)\/[^/]+\/|bench\/|e2e\/|tools\/(crd|images|rules)\/)?package\.json$/;
const maxFileBytes = 2_000_000;

/** Reads the text files below a folder, except installed, built and other unversioned files. */
export function readRepository(root: string): Repository {
  const files = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !ignoredFolders.has(entry.name)) visit(path);
      else if (entry.isFile()) files.set(path, textFile.test(`/${path}`) ? readText(join(root, path)) : '');
    }
  };
  visit('');
  return repositoryOf(files);
}

function readText(path: string): string {
  const text = readFileSync(path, 'utf8');
  return text.length > maxFileBytes ? '' : text;
}

/** A repository of the given files. */
export function repositoryOf(files: ReadonlyMap<string, string> | Record<string, string>): Repository {
  const map = new Map<string, string>(isMap(files) ? files : Object.entries(files));
  const workspaces: Workspace[] = [];
  let rootDependencies: string[] = [];
  for (const [path, text] of map) {
    if (!manifestPath.test(path)) continue;
    const manifest = JSON.parse(text) as {
      name?: string;
      dependencies?: Record<string, string>;
      devDependencies?: Record<string, string>;
    };
    const dependencies = Object.keys(manifest.dependencies ?? {});
    const devDependencies = Object.keys(manifest.devDependencies ?? {});
    if (path === 'package.json') rootDependencies = [...dependencies, ...devDependencies];
    else if (manifest.name !== undefined) {
      workspaces.push({
        folder: path.slice(0, -'/package.json'.length),
        name: manifest.name,
        dependencies,
        devDependencies,
      });
    }
  }
  return { files: map, workspaces, rootDependencies };
}

function isMap(
  files: ReadonlyMap<string, string> | Record<string, string>,
): files is ReadonlyMap<string, string> {
  return files instanceof Map;
}

/** The workspace that a file belongs to. */
export function workspaceOf(repository: Repository, path: string): Workspace | undefined {
  return repository.workspaces.find(({ folder }) => path.startsWith(`${folder}/`));
}

/** TypeScript sources and their paths. */
export function sourceFiles(repository: Repository): [path: string, text: string][] {
  return [...repository.files].filter(([path]) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'));
}

/**
 * Code that only tests run: test files, the suites and fixtures they share, and the workspaces made for them.
 */
export function isTestCode(path: string): boolean {
  return (
    /\.test\.tsx?$|-contract\.ts$/.test(path) ||
    /\/(testing|fixtures)\//.test(path) ||
    /^(packages\/testkit|bench|e2e|tools)\//.test(path)
  );
}
