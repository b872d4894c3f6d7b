import type { ApiToken } from '@camplane/contracts/access';
import { useCallback } from 'react';
import { api } from '../api/client.ts';
import { useLoaded } from '../interface/use-loaded.ts';
import type { Loaded } from '../interface/use-loaded.ts';

/** The API tokens of one user. Administrators receive those of everybody. */
export function useTokens(userId: string | null): Loaded<readonly ApiToken[]> {
  const load = useCallback(
    async (signal: AbortSignal) => {
      const { items } = await api.listTokens({}, { signal });
      return items.filter((token) => token.userId === userId);
    },
    [userId],
  );
  return useLoaded(load);
}
