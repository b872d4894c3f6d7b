import { z } from 'zod';

/** As Kubernetes' own `maxUnavailable`: so many, or so many of a hundred. */
export type MaxUnavailable = { count: number } | { percent: number };

const message = 'must be a number of cameras, 1 or more, or a share of them from 1% to 100%';

/** `3` or `10%`. Not 0: then nothing would ever be replaced. */
export const maxUnavailableValue = z
  .string()
  .regex(/^([1-9]\d{0,5}|([1-9]\d?|100)%)$/, message)
  .transform((text): MaxUnavailable => {
    const number = Number.parseInt(text, 10);
    return text.endsWith('%') ? { percent: number } : { count: number };
  })
  .meta({ description: 'whole number, 1 or more, or a percentage, `1%`–`100%`' });

/** How many of so many cameras may be away at once: a part of a camera is a whole one, and one may be always. */
export function maxAway(limit: MaxUnavailable, cameras: number): number {
  if ('count' in limit) return limit.count;
  return Math.max(1, Math.ceil((cameras * limit.percent) / 100));
}
