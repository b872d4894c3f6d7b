import type { AuthRequest } from './auth-request.ts';
import { equalText } from '@camplane/runtime/equal-text';

/** `reason` is for the log; the client does not receive it. */
export type ReaderAdmission =
  /** `credentialId`: the session or API token that the reader presented; null without access control. */
  { allow: true; credentialId: string | null } | { allow: false; reason: string };

/** Who may read a camera's path. The auth hook asks it after Camplane's own readers. */
export type ReaderGate = {
  /** Decides a `read` or `playback` of a path. Answers from memory, within a few milliseconds. */
  admit(request: AuthRequest): ReaderAdmission;
};

/** Admits everybody: access control is off, or the port is protected by other means. */
export const openGate: ReaderGate = {
  admit: () => ({ allow: true, credentialId: null }),
};

/** The user name of edges, which read the MediaMTX of each camera's pod on behalf of viewers. */
export const edgeUser = 'edge';

/** Admits edges alone, which present the password over RTSP. */
export function createEdgeGate(password: string): ReaderGate {
  return {
    admit: (request) =>
      request.user === edgeUser && equalText(request.password, password)
        ? { allow: true, credentialId: null }
        : { allow: false, reason: 'only edges read this camera' },
  };
}
