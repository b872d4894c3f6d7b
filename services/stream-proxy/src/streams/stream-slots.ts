/** A running stream. `idleSinceMs`: since when it has no clients; null while it has some. */
export type Slot = { clients: number; idleSinceMs: number | null };

/** The running streams, by key. */
export type Slots = ReadonlyMap<string, Slot>;

export type SlotEffect = { type: 'start' | 'stop'; key: string };

export type SlotStep = { slots: Slots; effects: SlotEffect[] };

/** A stream without clients runs on for this long, so that a viewer who returns finds it running. */
export const idleMaxMs = 10_000;

/**
 * A client wants a stream. It starts with its first client. If the limit is reached, the stream that was idle for the
 * longest is stopped instead. Null: all are in use.
 */
export function acquire(slots: Slots, key: string, max: number): SlotStep | null {
  const slot = slots.get(key);
  if (slot)
    return { slots: withSlot(slots, key, { clients: slot.clients + 1, idleSinceMs: null }), effects: [] };
  const idle = longestIdle(slots);
  if (slots.size >= max && idle === undefined) return null;
  const evicted = slots.size >= max && idle !== undefined ? stop(slots, [idle]) : { slots, effects: [] };
  return {
    slots: withSlot(evicted.slots, key, { clients: 1, idleSinceMs: null }),
    effects: [...evicted.effects, { type: 'start', key }],
  };
}

/** A client has left a stream. */
export function release(slots: Slots, key: string, nowMs: number): SlotStep {
  const slot = slots.get(key);
  if (!slot) return { slots, effects: [] };
  const clients = Math.max(0, slot.clients - 1);
  return { slots: withSlot(slots, key, { clients, idleSinceMs: clients === 0 ? nowMs : null }), effects: [] };
}

/** Stops the streams that were idle for {@link idleMaxMs}. */
export function expire(slots: Slots, nowMs: number): SlotStep {
  const idle = [...slots].filter(
    ([, { idleSinceMs }]) => idleSinceMs !== null && nowMs - idleSinceMs >= idleMaxMs,
  );
  return stop(
    slots,
    idle.map(([key]) => key),
  );
}

/** When the next stream expires; null without an idle one. */
export function nextExpiryMs(slots: Slots): number | null {
  const since = [...slots.values()].flatMap(({ idleSinceMs }) => (idleSinceMs === null ? [] : [idleSinceMs]));
  return since.length === 0 ? null : Math.min(...since) + idleMaxMs;
}

function longestIdle(slots: Slots): string | undefined {
  const idle = [...slots].flatMap(([key, { idleSinceMs }]) =>
    idleSinceMs === null ? [] : [{ key, idleSinceMs }],
  );
  return idle.sort((a, b) => a.idleSinceMs - b.idleSinceMs)[0]?.key;
}

function stop(slots: Slots, keys: readonly string[]): SlotStep {
  const kept = new Map(slots);
  for (const key of keys) kept.delete(key);
  return { slots: kept, effects: keys.map((key) => ({ type: 'stop', key })) };
}

function withSlot(slots: Slots, key: string, slot: Slot): Slots {
  return new Map(slots).set(key, slot);
}
