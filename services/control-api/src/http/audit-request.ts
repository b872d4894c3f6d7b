import type { AuditEntry } from '@camplane/contracts/access';
import type { IncomingMessage } from 'node:http';
import { clientAddressOf } from '../access/caller.ts';
import type { Principal } from '../access/principal.ts';

/** The entry of the audit log for a request. */
export function auditEntryOf(
  request: IncomingMessage,
  principal: Principal,
  what: Pick<AuditEntry, 'action' | 'outcome' | 'cameraId' | 'detail'>,
): Omit<AuditEntry, 'id' | 'at'> {
  return { ...what, address: clientAddressOf(request), ...whoOf(principal) };
}

function whoOf(principal: Principal): Pick<AuditEntry, 'username' | 'method' | 'credentialId'> {
  switch (principal.kind) {
    case 'anonymous':
      return { username: null, method: 'anonymous', credentialId: null };
    case 'unrestricted':
      return { username: principal.name, method: 'none', credentialId: null };
    case 'user': {
      const { kind, id } = principal.credential;
      return { username: principal.username, method: kind, credentialId: id };
    }
  }
}
