/**
 * Removes user information from the URLs of a line: `rtsp://user:secret@host` becomes `rtsp://***@host`. FFmpeg
 * prints the full URL that it failed to open. If the line was truncated inside a URL, the rest of the URL is removed
 * too, since it may be the start of a password.
 */
export function redactLine(line: string, wasCut = false): string {
  if (!line.includes('://')) return line;
  const redacted = line.replace(/:\/\/[^\s/'"]*@/g, '://***@');
  return wasCut ? redacted.replace(/:\/\/[^\s/'"@]*$/, '://***') : redacted;
}
