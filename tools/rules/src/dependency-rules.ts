import { findCycles } from './cycles.ts';
import { importsOf, packageOf, resolveRelative } from './imports.ts';
import type { Import } from './imports.ts';
import { isTestCode, sourceFiles, workspaceOf } from './repository.ts';
import type { Repository, Rule, Workspace } from './repository.ts';

/** Workspaces that compose or test the whole system may import anything. */
const unrestricted = [
  'packages/testkit',
  'services/standalone',
  'bench',
  'e2e',
  'tools/images',
  'tools/rules',
];

/** Packages that import few others, and no others: each is meant for many services. */
const narrow: Readonly<Record<string, readonly string[]>> = {
  'packages/runtime': [],
  'packages/jpeg-tap': [
    'packages/camera-source',
    'packages/ffmpeg',
    'packages/runtime',
    'packages/supervisor',
  ],
};

/** Services → packages → contracts; only standalone imports other services. */
export const dependenciesPointOneWay: Rule = (repository) =>
  importsOf(repository).flatMap((entry) => {
    const from = workspaceOf(repository, entry.from);
    const to = targetWorkspace(repository, entry);
    if (!from || !to || from === to || unrestricted.includes(from.folder)) return [];
    const reason = forbidden(from, to, entry);
    return reason === undefined ? [] : [`${entry.from} imports ${entry.specifier}: ${reason}`];
  });

function forbidden(from: Workspace, to: Workspace, { from: path }: Import): string | undefined {
  if (from.folder === 'packages/contracts') return 'contracts is a leaf and imports only zod';
  if (to.folder === 'packages/testkit') {
    return isTestCode(path) ? undefined : 'testkit is for tests';
  }
  if (!to.folder.startsWith('packages/')) {
    return to.folder.startsWith('services/') && from.folder.startsWith('services/')
      ? 'a service imports no other service, except standalone'
      : 'dependencies point from services to packages to contracts';
  }
  const allowed = narrow[from.folder];
  if (allowed && !allowed.includes(to.folder)) {
    return `${from.folder} may import ${allowed.length === 0 ? 'no other package' : allowed.join(', ')} only`;
  }
  return undefined;
}

export const contractsImportsZodAlone: Rule = (repository) =>
  importsOf(repository)
    .filter(({ from }) => from.startsWith('packages/contracts/') && !isTestCode(from))
    .filter(({ specifier }) => !specifier.startsWith('.') && packageOf(specifier) !== 'zod')
    .map(({ from, specifier }) => `${from} imports ${specifier}: contracts imports only zod`);

/** A relative import that leaves its workspace passes by that workspace's `exports` and by its package.json. */
export const relativeImportsStayInside: Rule = (repository) =>
  importsOf(repository).flatMap((entry) => {
    const target = resolveRelative(entry);
    const own = workspaceOf(repository, entry.from);
    if (target === undefined || !own || target.startsWith(`${own.folder}/`)) return [];
    return [`${entry.from} imports ${entry.specifier}, outside its package: import it by the package's name`];
  });

export const importsAreDeclared: Rule = (repository) =>
  importsOf(repository).flatMap(({ from, specifier }) => {
    const workspace = workspaceOf(repository, from);
    const name = packageOf(specifier);
    if (!workspace || name === undefined || name === workspace.name) return [];
    const forTestsOnly = isTestCode(from) || from.endsWith('.config.ts');
    const declared = [
      ...workspace.dependencies,
      ...(forTestsOnly ? [...workspace.devDependencies, ...repository.rootDependencies] : []),
    ];
    // Types of a package may come from its @types twin, and both may be for development.
    const types = importsOnlyTypes(repository, from, specifier) ? workspace.devDependencies : [];
    return [...declared, ...types].includes(name) || types.includes(typesPackage(name))
      ? []
      : [`${from} imports ${specifier}, which ${workspace.folder}/package.json does not declare`];
  });

function importsOnlyTypes(repository: Repository, from: string, specifier: string): boolean {
  return importsOf(repository)
    .filter((entry) => entry.from === from && entry.specifier === specifier)
    .every(({ typeOnly }) => typeOnly);
}

function typesPackage(name: string): string {
  return `@types/${name.startsWith('@') ? name.slice(1).replace('/', '__') : name}`;
}

/** A package counts as used if its name occurs in a string: some are resolved as files, not imported. */
export const declaredDependenciesAreUsed: Rule = (repository) =>
  repository.workspaces.flatMap(({ folder, dependencies }) => {
    const texts = sourceFiles(repository)
      .filter(([path]) => path.startsWith(`${folder}/`))
      .map(([, text]) => text);
    return dependencies
      .filter(
        (name) =>
          !texts.some((text) => ["'", '"', '`'].some((quote) => names(text, `${quote}${name}`, quote))),
      )
      .map((name) => `${folder}/package.json declares ${name}, which nothing there imports`);
  });

function names(text: string, opened: string, quote: string): boolean {
  return text.includes(`${opened}${quote}`) || text.includes(`${opened}/`);
}

export const workspacesHaveNoCycles: Rule = (repository) => {
  const graph = new Map(repository.workspaces.map(({ folder }) => [folder, new Set<string>()]));
  for (const entry of importsOf(repository)) {
    const from = workspaceOf(repository, entry.from);
    const to = targetWorkspace(repository, entry);
    // Tests import testkit, which imports the packages under test.
    if (from && to && from !== to && !/\.test\.tsx?$/.test(entry.from))
      graph.get(from.folder)?.add(to.folder);
  }
  return findCycles(graph).map((cycle) => `${cycle.join(', ')} form an import cycle`);
};

export const filesHaveNoCycles: Rule = (repository) => {
  const graph = new Map<string, Set<string>>();
  for (const entry of importsOf(repository)) {
    const target = resolveRelative(entry);
    if (target === undefined || entry.typeOnly) continue;
    const targets = graph.get(entry.from) ?? new Set<string>();
    graph.set(entry.from, targets.add(target));
  }
  return findCycles(graph).map((cycle) => `${cycle.join(', ')} form an import cycle`);
};

function targetWorkspace(repository: Repository, entry: Import): Workspace | undefined {
  const relative = resolveRelative(entry);
  if (relative !== undefined) return workspaceOf(repository, relative);
  const name = packageOf(entry.specifier);
  return repository.workspaces.find((workspace) => workspace.name === name);
}
