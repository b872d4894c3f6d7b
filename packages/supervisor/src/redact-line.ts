/**
 * Takes user information out of the URLs of a line: `rtsp://user:secret@host` becomes `rtsp://***@host`. FFmpeg
 * complains with the whole URL it could not open. A line that was cut inside a URL loses the rest of that: what
 * stands there may be the beginning of a password.
 */
export function redactLine(line: string, wasCut = false): string {
  if (!line.includes('://')) return line;
  const redacted = line.replace(/:\/\/[^\s/'"]*@/g, '://***@');
  return wasCut ? redacted.replace(/:\/\/[^\s/'"@]*$/, '://***') : redacted;
}
