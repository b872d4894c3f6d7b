import type { AuditEntry } from '@camplane/contracts/access';
import type { IncomingMessage } from 'node:http';
import type { Principal } from './principal.ts';

/** What the API, the events and the media hook ask of access control. Answers come from memory. */
export type Access = {
  /**
   * Reads credentials again if that of the request is unknown: another replica may have created it a moment ago. For
   * callers that can wait. Never throws.
   */
  prepare(request: IncomingMessage): Promise<void>;
  /**
   * Who makes a request: by its session cookie, `Authorization: Bearer`, or anonymous. Never waits for the database.
   *
   * @throws CamplaneError `unauthenticated` for a credential that is unknown, expired or revoked
   */
  authenticate(request: IncomingMessage): Principal;
  /** The principal of an API token given as a password (RTSP); null if it is not valid. */
  principalOfToken(secret: string): Principal | null;
  /** The principal with its rights of now; null once its credential or user has ended. */
  refresh(principal: Principal): Principal | null;
  /** False until the first read of users, sessions and tokens: then it is not known which credentials are valid. */
  isLoaded(): boolean;
  /** Calls back after a change of users, roles, sessions or tokens, so that open connections follow it. */
  onChange(listener: () => void): () => void;
  /** Adds an entry to the audit log. Never throws and never blocks; entries are bounded and lost ones are counted. */
  audit(entry: Omit<AuditEntry, 'id' | 'at'>): void;
};
