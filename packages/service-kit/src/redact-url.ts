/**
 * Replaces user information in every URL of a text: `rtsp://user:secret@host` becomes `rtsp://***@host`.
 * The second form is not a valid URL (a raw slash in the password), but users type it, and it must not leak.
 */
export function redactUrls(text: string): string {
  if (!text.includes('://')) return text;
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, '$1***@')
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@:"'<>]*:(?!\d{1,5}(?:[/?#\s]|$))[^\s"'<>]*@/gi, '$1***@');
}
