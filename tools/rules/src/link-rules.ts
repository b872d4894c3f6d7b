import { posix } from 'node:path';
import type { Repository, Rule } from './repository.ts';

/** Relative links of Markdown documents reference existing files and headings. Nothing is fetched. */
export const linksWork: Rule = (repository) =>
  [...repository.files]
    .filter(([path]) => path.endsWith('.md'))
    .flatMap(([path, text]) =>
      linksOf(text).flatMap((link) => {
        const complaint = complaintAbout(repository, path, link);
        return complaint === undefined ? [] : [`${path} links to ${link}: ${complaint}`];
      }),
    );

function complaintAbout(repository: Repository, from: string, link: string): string | undefined {
  if (/^(https?|mailto):/.test(link)) return URL.canParse(link) ? undefined : 'is not a valid URL';
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return 'has a scheme that a reader cannot open';
  if (link.startsWith('/')) return 'is absolute: write it relative to the document';
  const [file = '', anchor] = link.split('#', 2);
  const target = file === '' ? from : posix.join(posix.dirname(from), decodeURIComponent(file));
  if (target.startsWith('..')) return 'leaves the repository';
  const text = repository.files.get(target);
  if (text === undefined) {
    const folder = target === '.' ? '' : `${target.replace(/\/$/, '')}/`;
    const exists = [...repository.files.keys()].some((path) => path.startsWith(folder));
    return exists && anchor === undefined ? undefined : 'is missing';
  }
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  return anchorsOf(text).has(anchor) ? undefined : `has no heading #${anchor}`;
}

/** Targets of inline links, images, reference definitions and HTML attributes, outside code. */
export function linksOf(markdown: string): string[] {
  const text = withoutCode(markdown);
  const patterns = [
    /\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g,
    /^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/gm,
    /<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)="([^"]+)"/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''));
}

/** Anchors of a document: of headings, as GitHub derives them, and of HTML elements. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  for (const match of withoutFences(markdown).matchAll(/^#{1,6}\s+(.+?)\s*#*\s*$/gm)) {
    const slug = slugOf(match[1] ?? '');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  for (const match of markdown.matchAll(/<[a-z]+\b[^>]*\b(?:id|name)="([^"]+)"/g))
    anchors.add(match[1] ?? '');
  return anchors;
}

function slugOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]*>/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

function withoutCode(markdown: string): string {
  return withoutFences(markdown).replace(/(`+)[^`]*?\1/g, '');
}

function withoutFences(markdown: string): string {
  return markdown.replace(/^ {0,3}(```+|~~~+)[^\n]*\n[\s\S]*?^ {0,3}\1[`~]*\s*$/gm, '');
}
