import { useSyncExternalStore } from 'react';
import { useApp } from '../app-context.tsx';
import { slotsNote } from './slots-note.ts';

/** Why some visible tiles show pictures; '' if none do. */
export function useSlotsNote(): string {
  const { liveSlots } = useApp();
  return useSyncExternalStore(liveSlots.subscribe, () => slotsNote(liveSlots));
}
