import { auditEntrySchema, usernameSchema } from '@camplane/contracts/access';
import type { AuditEntry } from '@camplane/contracts/access';
import { cameraIdSchema } from '@camplane/contracts/camera-id';

/** Which entries of the audit log are shown. Part of the page's address. */
export type AuditFilter = {
  username: string | null;
  cameraId: string | null;
  action: string | null;
  outcome: AuditEntry['outcome'] | null;
  /** ISO 8601; `from` is inclusive, `to` exclusive. */
  from: string | null;
  to: string | null;
};

export const noAuditFilter: AuditFilter = {
  username: null,
  cameraId: null,
  action: null,
  outcome: null,
  from: null,
  to: null,
};

const names = ['username', 'cameraId', 'action', 'outcome', 'from', 'to'] as const;

/** Reads the query of an address. Ignores invalid values. */
export function parseAuditFilter(query: URLSearchParams): AuditFilter {
  const username = usernameSchema.safeParse(query.get('username'));
  const cameraId = cameraIdSchema.safeParse(query.get('cameraId'));
  const outcome = auditEntrySchema.shape.outcome.safeParse(query.get('outcome'));
  const action = query.get('action');
  return {
    username: username.success ? username.data : null,
    cameraId: cameraId.success ? cameraId.data : null,
    action: action !== null && /^[A-Za-z0-9.:-]{1,64}$/.test(action) ? action : null,
    outcome: outcome.success ? outcome.data : null,
    from: parseTime(query.get('from')),
    to: parseTime(query.get('to')),
  };
}

/** The inverse of {@link parseAuditFilter}: without `?`, empty for no filter. */
export function auditFilterQuery(filter: AuditFilter): string {
  return new URLSearchParams(auditParameters(filter)).toString();
}

/** Query parameters for the API, which have the names of the filter. */
export function auditParameters(filter: AuditFilter): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (filter[name] === null ? [] : [[name, filter[name]] as const])),
  );
}

export function isAuditFiltered(filter: AuditFilter): boolean {
  return names.some((name) => filter[name] !== null);
}

function parseTime(text: string | null): string | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
