/**
 * The cameras of the wall: those with a saved place first, in that order, then the others as they come.
 *
 * @param saved ids; some may no longer exist
 */
export function arranged<T extends { id: string }>(cameras: readonly T[], saved: readonly string[]): T[] {
  const places = new Map(saved.map((id, place) => [id, place]));
  const placeOf = ({ id }: T) => places.get(id) ?? Infinity;
  const known = cameras.filter(({ id }) => places.has(id)).toSorted((a, b) => placeOf(a) - placeOf(b));
  return [...known, ...cameras.filter(({ id }) => !places.has(id))];
}

/** Moves an id to a place; a place outside the list means its start or end. */
export function movedTo(ids: readonly string[], id: string, place: number): string[] {
  if (!ids.includes(id)) return [...ids];
  const others = ids.filter((one) => one !== id);
  return others.toSpliced(Math.min(Math.max(0, place), others.length), 0, id);
}

/** Lists of `size` items; at least one list. */
export function pagesOf<T>(items: readonly T[], size: number): T[][] {
  const count = Math.max(1, Math.ceil(items.length / size));
  return Array.from({ length: count }, (_, page) => items.slice(page * size, (page + 1) * size));
}
