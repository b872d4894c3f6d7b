import type { LiveSlots } from './live-slots.ts';

/** Why some visible tiles show pictures; '' if none do. */
export function slotsNote({ limit, requested }: Pick<LiveSlots, 'limit' | 'requested'>): string {
  const [videos, tiles] = [limit(), requested()];
  if (tiles <= videos) return '';
  return `Video for ${videos} of ${tiles} visible cameras, pictures for the others: more video would not be smooth in this browser.`;
}
