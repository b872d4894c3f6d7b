/**
 * Whether a film was written to its end: its boxes (ISO/IEC 14496-12, 4.2) follow one another to the last byte, the
 * index (`moov`) and the pictures (`mdat`) among them.
 */
export function isWholeMp4(film: Buffer): boolean {
  const seen = new Set<string>();
  let at = 0;
  while (at + 8 <= film.length) {
    const size = film.readUInt32BE(at);
    // Sizes of 64 bits (1) and "to the end" (0) are not in films as short as ours.
    if (size < 8) return false;
    seen.add(film.toString('latin1', at + 4, at + 8));
    at += size;
  }
  return at === film.length && seen.has('moov') && seen.has('mdat');
}
