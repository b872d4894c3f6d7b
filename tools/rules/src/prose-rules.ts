import ts from 'typescript';
import { parse } from './imports.ts';
import { functionRuns, nameRuns, nameWords, phrases, quotedTexts } from './prose-phrases.ts';
import type { Phrase } from './prose-phrases.ts';
import { proseOf } from './prose-text.ts';
import type { Repository, Rule } from './repository.ts';

/** The list itself and its test, lockfiles, and texts of others. */
const exempt =
  /^(tools\/rules\/src\/prose[^/]*\.ts|LICENSE|.*\/licenses\/[^/]*\.txt|.*\.(sum|mod|snap)|.*\.sha256|(.*\/)?(pnpm-lock\.yaml|package-lock\.json))$/;

/** Prose and names keep to plain present-day technical English. */
export const proseIsPlain: Rule = (repository) => proseComplaints(repository, () => true);

export function proseComplaints(repository: Repository, isChecked: (path: string) => boolean): string[] {
  return [...repository.files]
    .filter(([path]) => isChecked(path) && !exempt.test(path))
    .flatMap(([path, text]) => [
      ...phraseComplaints(path, text),
      ...fileNameComplaints(path),
      ...(/\.tsx?$/.test(path) ? nameComplaints(path, text) : []),
    ]);
}

function phraseComplaints(path: string, text: string): string[] {
  const prose = quotedTexts.reduce(
    (rest, quoted) => rest.replace(quoted, (run) => run.replace(/\S/g, '\u0001')),
    proseOf(path, text),
  );
  const hits = phrases.flatMap(([pattern, better]) =>
    [...prose.matchAll(pattern)].map(({ index, 0: found }) => ({
      line: lineAt(text, index),
      found: found.replace(/\s+/g, ' '),
      better,
    })),
  );
  return hits
    .sort((a, b) => a.line - b.line)
    .map(({ line, found, better }) => `${path}:${line} "${found}" → ${better}`);
}

function fileNameComplaints(path: string): string[] {
  return path
    .split('/')
    .flatMap((part) =>
      complaintsAboutName(part.replace(/\..*$/, '')).map((complaint) => `${path}:1 ${complaint}`),
    );
}

function nameComplaints(path: string, text: string): string[] {
  const file = parse(path, text);
  const complaints: string[] = [];
  const visit = (node: ts.Node): void => {
    const name = declaredName(node);
    if (name !== undefined) {
      const line = lineAt(text, node.getStart(file));
      complaints.push(
        ...complaintsAboutName(name, isFunction(node)).map((complaint) => `${path}:${line} ${complaint}`),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return complaints;
}

function declaredName(node: ts.Node): string | undefined {
  const isDeclaration =
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertySignature(node) ||
    ts.isPropertyDeclaration(node);
  return isDeclaration && node.name && ts.isIdentifier(node.name) ? node.name.text : undefined;
}

function isFunction(node: ts.Node): boolean {
  const value = ts.isVariableDeclaration(node) ? node.initializer : node;
  return value !== undefined && ts.isFunctionLike(value);
}

function complaintsAboutName(name: string, ofFunction = false): string[] {
  const kebab = name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
  const describe = ([, better]: Phrase): string => `name "${name}" → ${better}`;
  return [
    ...nameWords.filter(([word]) => kebab.split('-').some((part) => word.test(part))),
    ...[...nameRuns, ...(ofFunction ? functionRuns : [])].filter(([run]) => run.test(kebab)),
  ].map(describe);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
