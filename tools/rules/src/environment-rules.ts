import type { Environment, Variables } from '@camplane/service-kit/environment';
import ts from 'typescript';
import { parse } from './imports.ts';
import { isTestCode, sourceFiles, workspaceOf } from './repository.ts';
import type { Repository, Rule } from './repository.ts';

/** System variables, which no service declares. */
const systemVariables = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE'];

/** Only one file of a service or package reads `process.env`. */
export const environmentIsReadInOnePlace: Rule = (repository) => {
  const places = new Map<string, Set<string>>();
  for (const { path } of readsOf(repository)) {
    const folder = workspaceOf(repository, path)?.folder ?? '';
    places.set(folder, (places.get(folder) ?? new Set()).add(path));
  }
  return [...places].flatMap(([folder, paths]) => {
    const allowed = [`${folder}/src/environment.ts`, `${folder}/src/main.ts`];
    const wrong = folder.startsWith('services/') ? [...paths].filter((path) => !allowed.includes(path)) : [];
    return [
      ...wrong.map((path) => `${path} reads process.env: a service reads it in environment.ts or main.ts`),
      ...(paths.size > 1 ? [`${folder} reads process.env in several files: ${[...paths].join(', ')}`] : []),
    ];
  });
};

/** A variable that several services declare has one description, default and example. */
export function variablesWithSeveralMeanings(environments: readonly Environment<Variables>[]): string[] {
  const meanings = new Map<string, { service: string; text: string }>();
  return environments.flatMap(({ service, variables }) =>
    Object.entries(variables).flatMap(([name, { description, default: value, example, secret }]) => {
      const text = JSON.stringify([description, value, example, secret]);
      const known = meanings.get(name);
      if (known === undefined) meanings.set(name, { service, text });
      return known === undefined || known.text === text
        ? []
        : [`${service} and ${known.service} give ${name} different meanings: declare it once and share it`];
    }),
  );
}

/** A variable that code or a script reads by name must be declared in a service's environment, and so appear in the reference. */
export function environmentIsDeclared(declared: ReadonlySet<string>): Rule {
  return (repository) => {
    const inCode = readsOf(repository).flatMap(({ path, names }) => names.map((name) => ({ path, name })));
    const inScripts = [...repository.files]
      .filter(([path]) => /\.sh$|^Makefile$|^\.ci\//.test(path))
      .flatMap(([path, text]) =>
        [...text.matchAll(/\bCAMPLANE_[A-Z0-9_]+/g)].map(([name]) => ({ path, name })),
      );
    return [...inCode, ...inScripts]
      .filter(({ name }) => !declared.has(name) && !systemVariables.includes(name))
      .map(({ path, name }) => `${path} reads ${name}, which no environment declares`);
  };
}

function readsOf(repository: Repository): { path: string; names: string[] }[] {
  return sourceFiles(repository)
    .filter(([path, text]) => !isTestCode(path) && text.includes('env'))
    .flatMap(([path, text]) => {
      const names = environmentNames(parse(path, text));
      return names === undefined ? [] : [{ path, names }];
    });
}

/** The names read from `process.env`; an empty list where it is used as a whole, `undefined` where it is not used. */
function environmentNames(file: ts.SourceFile): string[] | undefined {
  let used = false;
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.getText() === 'process.env') {
      used = true;
      const { parent } = node;
      if (ts.isPropertyAccessExpression(parent)) names.push(parent.name.text);
      else if (ts.isElementAccessExpression(parent) && ts.isStringLiteralLike(parent.argumentExpression)) {
        names.push(parent.argumentExpression.text);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return used ? names : undefined;
}
