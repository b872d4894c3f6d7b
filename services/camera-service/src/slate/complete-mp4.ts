/**
 * Whether a film was written to its end: its boxes (ISO/IEC 14496-12, 4.2) are contiguous up to the last byte, and include
 * the index (`moov`) and the media data (`mdat`).
 */
export function isCompleteMp4(film: Buffer): boolean {
  const seen = new Set<string>();
  let at = 0;
  while (at + 8 <= film.length) {
    const size = film.readUInt32BE(at);
    // Films as short as slates have no 64-bit sizes (1) and no boxes that extend to the end of the file (0).
    if (size < 8) return false;
    seen.add(film.toString('latin1', at + 4, at + 8));
    at += size;
  }
  return at === film.length && seen.has('moov') && seen.has('mdat');
}
