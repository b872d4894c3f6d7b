import { z } from 'zod';

/** Like Kubernetes' `maxUnavailable`: a count or a percentage. */
export type MaxUnavailable = { count: number } | { percent: number };

const message = 'must be a number of cameras, 1 or more, or a percentage from 1% to 100%';

/** `3` or `10%`. Not 0, which would block every replacement. */
export const maxUnavailableValue = z
  .string()
  .regex(/^([1-9]\d{0,5}|([1-9]\d?|100)%)$/, message)
  .transform((text): MaxUnavailable => {
    const number = Number.parseInt(text, 10);
    return text.endsWith('%') ? { percent: number } : { count: number };
  })
  .meta({ description: 'whole number, 1 or more, or a percentage, `1%`–`100%`' });

/** The maximum for a number of cameras: percentages are rounded up, at least 1. */
export function maxUnavailableOf(limit: MaxUnavailable, cameras: number): number {
  if ('count' in limit) return limit.count;
  return Math.max(1, Math.ceil((cameras * limit.percent) / 100));
}
