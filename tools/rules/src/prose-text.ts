import ts from 'typescript';
import { parse } from './imports.ts';

/** Stands for everything that is not prose: no pattern matches it, and it ends a phrase. */
const gap = '\u0001';

/**
 * The prose of a file at its own offsets: comments, string literals and JSX text of code, all text of Markdown outside
 * code, everything of YAML, shell and the rest. What is not prose, and the markers of comments, are masked.
 */
export function proseOf(path: string, text: string): string {
  if (/\.(ts|tsx|js|mjs|cjs)$/.test(path)) return proseOfScript(path, text);
  if (path.endsWith('.md')) return proseOfMarkdown(text);
  return unmarked(text, /^\s*(#|\/\/|--)+/gm);
}

function proseOfScript(path: string, text: string): string {
  const mask = text.replace(/\S/g, gap).split('');
  const show = (start: number, end: number, isComment: boolean): void => {
    const raw = text.slice(start, end);
    const shown = isComment
      ? unmarked(raw.replace(/\*\/$/, '  '), /^\s*(\/\*+|\/\/+|\*+(?=\s|$))/gm)
      : raw.replace(/\\n/g, '  ');
    for (let i = 0; i < shown.length; i += 1) mask[start + i] = shown[i] ?? gap;
  };
  const seen = new Set<number>();
  const comments = (ranges: ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? []) {
      if (seen.has(pos)) continue;
      seen.add(pos);
      show(pos, end, true);
    }
  };
  const file = parse(path, text);
  const visit = (node: ts.Node): void => {
    comments(ts.getLeadingCommentRanges(text, node.pos));
    comments(ts.getTrailingCommentRanges(text, node.end));
    if (isText(node)) show(node.getStart(file), node.end, false);
    // Comments beside JSX and before a closing bracket belong to tokens, which forEachChild leaves out.
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
  return mask.join('');
}

function isText(node: ts.Node): boolean {
  if (ts.isStringLiteralLike(node)) {
    const { parent } = node;
    return !ts.isImportDeclaration(parent) && !ts.isExportDeclaration(parent);
  }
  return (
    ts.isJsxText(node) ||
    node.kind === ts.SyntaxKind.TemplateHead ||
    node.kind === ts.SyntaxKind.TemplateMiddle ||
    node.kind === ts.SyntaxKind.TemplateTail
  );
}

function proseOfMarkdown(text: string): string {
  const hidden = (run: string): string => run.replace(/[^\n]/g, gap);
  return unmarked(
    text
      .replace(/^ {0,3}(```+|~~~+)[^\n]*\n[\s\S]*?^ {0,3}\1[`~]*\s*$/gm, hidden)
      .replace(/(`+)[^`]*?\1/g, hidden)
      .replace(/(?<=\]\()[^)\s]+/g, hidden),
    /^\s*>/gm,
  );
}

/** The text with the markers blanked, at the same length. */
function unmarked(text: string, marker: RegExp): string {
  return text.replace(marker, (run) => run.replace(/[^\n]/g, ' '));
}
