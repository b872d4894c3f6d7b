import { CamplaneError } from '@camplane/contracts/problem';

/**
 * Turns what the database driver threw into an error of a known kind. Drizzle's own error must not travel
 * further: its message holds the query's parameters, hence passwords. Only the driver's code and first line do.
 */
export function toStoreError(error: unknown): CamplaneError {
  if (error instanceof CamplaneError) return error;
  const driver = driverErrorOf(error);
  const code = driver?.code ?? '';
  const cause = Object.assign(
    new Error(`${code === '' ? '' : `${code}: `}${driver?.message ?? 'the query failed'}`),
    { code },
  );
  return isAway(code, driver?.message ?? '')
    ? new CamplaneError('store-unavailable', 'The database does not answer: try again in a few seconds', {
        cause,
      })
    : new CamplaneError('internal', 'The database refused a query', { cause });
}

/**
 * Whether the database refused what was to be written, and would again: PostgreSQL's classes 22 (data exception)
 * and 23 (integrity constraint violation). Everything else is the state of the database, which may change.
 */
export function refusesData(error: CamplaneError): boolean {
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return error.kind === 'internal' && typeof code === 'string' && /^2[23]/.test(code);
}

/** Whether another writer was quicker: PostgreSQL's unique_violation. */
export function isTaken(error: CamplaneError): boolean {
  return (error.cause as { code?: unknown } | undefined)?.code === '23505';
}

type DriverError = { code: string; message: string };

/** The innermost cause: Node's system error or PostgreSQL's own. By shape, since drivers bring their own classes. */
function driverErrorOf(error: unknown): DriverError | undefined {
  let innermost: unknown = error;
  for (let depth = 0; depth < 10 && isObject(innermost); depth++) {
    // Node's AggregateError: one for each address of a host that was tried.
    const several: unknown = innermost['errors'];
    const next: unknown = Array.isArray(several) && several.length > 0 ? several[0] : innermost['cause'];
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

/** PostgreSQL's error classes 08 (connection), 53 (resources), 57 (intervention), read-only, lock time-out. */
function isAway(code: string, message: string): boolean {
  if (/^(08|53|57)/.test(code) || code === '25006' || code === '55P03') return true;
  if (/^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET)/.test(code)) return true;
  return /connection terminated|timeout exceeded|read timeout|after calling end|is closed|not queryable/i.test(
    message,
  );
}
