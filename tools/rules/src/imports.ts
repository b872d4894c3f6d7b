import { posix } from 'node:path';
import ts from 'typescript';
import type { Repository } from './repository.ts';
import { sourceFiles } from './repository.ts';

export type Import = {
  from: string;
  specifier: string;
  /** Gone once types are stripped. */
  typeOnly: boolean;
};

const cache = new WeakMap<Repository, Import[]>();

/** Every import, re-export and dynamic import with a literal name, as the TypeScript parser sees it. */
export function importsOf(repository: Repository): Import[] {
  const known = cache.get(repository);
  if (known) return known;
  const imports = sourceFiles(repository).flatMap(([path, text]) => importsOfFile(path, text));
  cache.set(repository, imports);
  return imports;
}

function importsOfFile(path: string, text: string): Import[] {
  const imports: Import[] = [];
  const add = (node: ts.Expression | undefined, typeOnly: boolean): void => {
    if (node && ts.isStringLiteralLike(node)) imports.push({ from: path, specifier: node.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) add(node.argument.literal, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return imports;
}

/** The syntax tree of a source text. */
export function parse(path: string, text: string): ts.SourceFile {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
}

/** The file that a relative import means, or `undefined` for an import of a package. */
export function resolveRelative({ from, specifier }: Import): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined;
}

/** The package that an import names: `@camplane/contracts` of `@camplane/contracts/camera`. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}
