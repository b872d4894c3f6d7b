import type { Role } from '@camplane/contracts/access';
import { api } from '../api/client.ts';
import { useLoaded } from '../interface/use-loaded.ts';
import type { Loaded } from '../interface/use-loaded.ts';

async function loadRoles(signal: AbortSignal): Promise<Role[]> {
  return (await api.listRoles({}, { signal })).items;
}

export function useRoles(): Loaded<Role[]> {
  return useLoaded(loadRoles);
}
