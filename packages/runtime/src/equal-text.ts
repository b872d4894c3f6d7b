import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares secrets in a time that reveals neither content nor length. */
export function equalText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
