/**
 * Whether the header `If-Match` names this entity tag or any (`*`). By strong comparison: a weak tag never matches
 * (RFC 9110, sections 8.8.3.2 and 13.1.1).
 *
 * @param etag the current one; undefined: only `*` matches
 */
export function isMatch(ifMatch: string, etag: string | undefined): boolean {
  if (ifMatch.trim() === '*') return true;
  return etag !== undefined && entityTags(ifMatch).includes(etag);
}

/** The entity tags in a header. */
export function entityTags(header: string): readonly string[] {
  return header.match(/(W\/)?"[\x21\x23-\x7e]*"/g) ?? [];
}
