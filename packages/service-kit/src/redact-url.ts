/**
 * Masks user information in every URL of a text: `rtsp://user:secret@host` becomes `rtsp://***@host`.
 * The second pattern covers passwords with a raw slash: not valid in a URL, but users type it.
 */
export function redactUrls(text: string): string {
  if (!text.includes('://')) return text;
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, '$1***@')
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@:"'<>]*:(?!\d{1,5}(?:[/?#\s]|$))[^\s"'<>]*@/gi, '$1***@');
}
