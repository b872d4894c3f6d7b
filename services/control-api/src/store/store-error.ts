import { CamplaneError } from '@camplane/contracts/problem';

/**
 * Maps a database driver's error to a CamplaneError. Drizzle's own error must not be passed on: its message holds the
 * query's parameters, including passwords. Only the driver's code and the first line of its message are kept.
 */
export function toStoreError(error: unknown): CamplaneError {
  if (error instanceof CamplaneError) return error;
  const driver = driverErrorOf(error);
  const code = driver?.code ?? '';
  const cause = Object.assign(
    new Error(`${code === '' ? '' : `${code}: `}${driver?.message ?? 'the query failed'}`),
    { code },
  );
  return isUnavailable(code, driver?.message ?? '')
    ? new CamplaneError('store-unavailable', 'The database is unavailable, try again in a few seconds', {
        cause,
      })
    : new CamplaneError('internal', 'The database refused a query', { cause });
}

/**
 * Whether the written data itself was rejected, so that a retry fails too: PostgreSQL's classes 22 (data exception) and
 * 23 (integrity constraint violation).
 */
export function isDataRejected(error: CamplaneError): boolean {
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return error.kind === 'internal' && typeof code === 'string' && /^2[23]/.test(code);
}

/** Whether the key exists already: PostgreSQL's unique_violation. */
export function isDuplicateKey(error: CamplaneError): boolean {
  return (error.cause as { code?: unknown } | undefined)?.code === '23505';
}

type DriverError = { code: string; message: string };

/** The innermost cause: Node's system error or PostgreSQL's own. Found by shape, since drivers have their own classes. */
function driverErrorOf(error: unknown): DriverError | undefined {
  let innermost: unknown = error;
  for (let depth = 0; depth < 10 && isObject(innermost); depth++) {
    // Node's AggregateError: one error per address of the host.
    const errors: unknown = innermost['errors'];
    const next: unknown = Array.isArray(errors) && errors.length > 0 ? errors[0] : innermost['cause'];
    if (!isObject(next)) break;
    innermost = next;
  }
  if (!isObject(innermost) || typeof innermost['message'] !== 'string') return undefined;
  const code = innermost['code'];
  const firstLine = innermost['message'].split('\n', 1)[0] ?? '';
  return {
    code: typeof code === 'string' ? code : '',
    message: firstLine.startsWith('Failed query') ? 'the query failed' : firstLine,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** PostgreSQL's error classes 08 (connection), 53 (resources), 57 (intervention), read-only, lock timeout. */
function isUnavailable(code: string, message: string): boolean {
  if (/^(08|53|57)/.test(code) || code === '25006' || code === '55P03') return true;
  // ENOENT: the Unix socket of a server that is restarting.
  if (/^(ECONN|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET)/.test(code)) return true;
  // A certificate that a renewal fixes.
  if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code)) return true;
  return /connection terminated|timeout exceeded|read timeout|after calling end|is closed|not queryable/i.test(
    message,
  );
}
