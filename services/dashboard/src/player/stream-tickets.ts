import type { ApiClient } from '@camplane/api-client/api-client';
import { ApiError } from '@camplane/api-client/api-error';
import { PlayError } from './play-failure.ts';

/** Tickets for the video of one camera. */
export type StreamTickets = {
  /**
   * For the header `Authorization`; the last one while it is valid, unless `fresh`. Null if the API does not respond:
   * without access control the media server needs none.
   *
   * @throws PlayError `refused` if the user may not view the camera
   */
  header: (fresh: boolean, signal: AbortSignal) => Promise<string | null>;
  /** For an address: opens one session. Otherwise as `header`. */
  address: (signal: AbortSignal) => Promise<string | null>;
};

/** For the way to the media server, and for clocks that differ. */
const marginMs = 15_000;

export function createStreamTickets(
  api: Pick<ApiClient, 'createTicket'>,
  cameraId: string,
  now: () => number = () => performance.now(),
): StreamTickets {
  let last: { ticket: string; untilMs: number } | null = null;

  async function request(use: 'header' | 'address', signal: AbortSignal) {
    try {
      return await api.createTicket({ id: cameraId, body: { use } }, { signal });
    } catch (error) {
      signal.throwIfAborted();
      const status = error instanceof ApiError ? error.status : 0;
      if (status === 401 || status === 403 || status === 404) throw new PlayError('refused', '', error);
      return null;
    }
  }

  return {
    async header(fresh, signal) {
      if (!fresh && last && now() < last.untilMs) return last.ticket;
      last = null;
      const issuedMs = now();
      const issued = await request('header', signal);
      if (!issued) return null;
      last = { ticket: issued.ticket, untilMs: issuedMs + headerMaxAgeMs - marginMs };
      return issued.ticket;
    },
    address: async (signal) => (await request('address', signal))?.ticket ?? null,
  };
}

/** The browser's clock may be wrong, so that `expiresAt` cannot be compared with it. */
const headerMaxAgeMs = 60_000;

/** Connects with a ticket; if the media server refuses it, again with a new one. */
export async function withTicket<T>(
  tickets: StreamTickets,
  connect: (ticket: string | null) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await connect(await tickets.header(false, signal));
  } catch (error) {
    if (!(error instanceof PlayError) || error.kind !== 'refused' || error.cause !== undefined) throw error;
    return connect(await tickets.header(true, signal));
  }
}
