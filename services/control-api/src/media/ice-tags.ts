import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import { LRUCache } from 'lru-cache';
import { entityTags } from '../http/if-match.ts';
import type { WebrtcSessionIds } from './webrtc-session-ids.ts';

/** Entity tags of the ICE credentials of WHEP sessions (draft-ietf-wish-whep). A restart of ICE replaces the tag. */
export type IceTags = {
  issue(sessionId: string): string;
  /** @throws CamplaneError `precondition-required`, `precondition-failed` */
  requireCurrent(sessionId: string, ifMatch: string | undefined): void;
};

const sessionsMax = 20_000;

/** @param deps.ids throws CamplaneError `service-unavailable` while Camplane starts */
export function createIceTags({
  ids,
  wallClock,
}: {
  ids(): Pick<WebrtcSessionIds, 'tagOf' | 'issuedMsOf'>;
  wallClock: WallClock;
}): IceTags {
  /** When the newest tag of a session that this replica knows was issued. Older tags precede a restart of ICE. */
  const newestMs = new LRUCache<string, number>({ max: sessionsMax });
  return {
    issue(id) {
      const issuedMs = Math.max(wallClock.epochMs(), (newestMs.get(id) ?? 0) + 1);
      newestMs.set(id, issuedMs);
      return ids().tagOf(id, issuedMs);
    },
    requireCurrent(id, ifMatch) {
      if (ifMatch === undefined) {
        throw new CamplaneError(
          'precondition-required',
          'Send the ETag of the session in If-Match, or * to restart ICE',
        );
      }
      if (ifMatch.trim() === '*') return;
      const issued = entityTags(ifMatch).map((tag) => ids().issuedMsOf(id, tag) ?? -1);
      const latest = Math.max(-1, ...issued);
      if (latest < (newestMs.get(id) ?? 0)) {
        throw new CamplaneError(
          'precondition-failed',
          'ICE was restarted since: use the ETag of the last answer, or * to restart ICE',
        );
      }
      newestMs.set(id, latest);
    },
  };
}
