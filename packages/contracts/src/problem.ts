import { z } from 'zod';

/** The closed set of error kinds: a stable code, its HTTP status, a title, and whether a retry can succeed. */
export const errorKinds = {
  'invalid-body': { status: 400, title: 'The request body is not valid', retryable: false },
  'invalid-query': { status: 400, title: 'The query is not valid', retryable: false },
  'malformed-json': { status: 400, title: 'The request body is not JSON', retryable: false },
  'unsupported-media-type': {
    status: 415,
    title: 'The media type of the request body is not supported',
    retryable: false,
  },
  'invalid-picture': { status: 400, title: 'The image cannot be decoded', retryable: false },
  'body-too-large': { status: 413, title: 'The request body is too large', retryable: false },
  'cross-origin': { status: 403, title: 'The request came from another origin', retryable: false },
  unauthenticated: { status: 401, title: 'Sign in first', retryable: false },
  'wrong-login': { status: 401, title: 'The user name or the password is wrong', retryable: false },
  forbidden: { status: 403, title: 'Not permitted', retryable: false },
  'user-not-found': { status: 404, title: 'User not found', retryable: false },
  'role-not-found': { status: 404, title: 'Role not found', retryable: false },
  'session-not-found': { status: 404, title: 'Session not found', retryable: false },
  'token-not-found': { status: 404, title: 'API token not found', retryable: false },
  'user-exists': { status: 409, title: 'A user with this name already exists', retryable: false },
  'external-user': { status: 409, title: 'The user signs in elsewhere', retryable: false },
  'role-in-use': { status: 409, title: 'The role is in use', retryable: false },
  'role-built-in': { status: 409, title: 'Built-in roles cannot be changed', retryable: false },
  'last-administrator': { status: 409, title: 'The last administrator must remain', retryable: false },
  'not-found': { status: 404, title: 'Not found', retryable: false },
  'camera-not-found': { status: 404, title: 'Camera not found', retryable: false },
  'detection-not-found': { status: 404, title: 'Detection not found', retryable: false },
  'picture-not-kept': { status: 404, title: 'The image of this detection is not stored', retryable: false },
  'method-not-allowed': { status: 405, title: 'Method not allowed', retryable: false },
  'upgrade-required': { status: 426, title: 'A WebSocket upgrade is required', retryable: false },
  'precondition-failed': {
    status: 412,
    title: 'It has changed since it was read',
    retryable: false,
  },
  'precondition-required': { status: 428, title: 'The header If-Match is required', retryable: false },
  'not-live': { status: 409, title: 'The camera is not live', retryable: true },
  'not-acceptable': { status: 406, title: 'The offer cannot be answered', retryable: false },
  'camera-exists': { status: 409, title: 'A camera with this id already exists', retryable: false },
  'camera-limit': { status: 409, title: 'The limit of cameras is reached', retryable: false },
  'too-many-requests': { status: 429, title: 'Too many requests', retryable: true },
  'stream-limit': { status: 503, title: 'The limit of running streams is reached', retryable: true },
  'no-picture': { status: 503, title: 'The camera has no frame at present', retryable: true },
  'service-unavailable': { status: 503, title: 'A required service is unavailable', retryable: true },
  'detector-unavailable': { status: 503, title: 'The detector is unavailable', retryable: true },
  'store-unavailable': { status: 503, title: 'The database is unavailable', retryable: true },
  internal: { status: 500, title: 'Internal error', retryable: true },
} as const;
export type ErrorKind = keyof typeof errorKinds;

/** Problem details (RFC 9457) with the error kind as `code` and the invalid fields. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  instance: z.string().optional(),
  /** One entry for each invalid field: `path` such as `source.url`, `message` with the remedy. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** An error of a known kind. */
export class CamplaneError extends Error {
  readonly kind: ErrorKind;
  readonly fields: { path: string; message: string }[];
  /** For the header `Retry-After`; null: not known. */
  readonly retryAfterSeconds: number | null;

  constructor(
    kind: ErrorKind,
    detail: string,
    options: {
      cause?: unknown;
      fields?: { path: string; message: string }[];
      retryAfterSeconds?: number | null;
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CamplaneError';
    this.kind = kind;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }

  get retryable(): boolean {
    return errorKinds[this.kind].retryable;
  }

  toProblem(instance?: string): Problem {
    const { status, title } = errorKinds[this.kind];
    return {
      type: `https://camplane.dev/problems/${this.kind}`,
      title,
      status,
      detail: this.message,
      code: this.kind,
      ...(instance === undefined ? {} : { instance }),
      ...(this.fields.length === 0 ? {} : { errors: this.fields }),
    };
  }
}

/** The invalid fields of a zod error, with dotted paths. */
export function fieldsOf(error: z.ZodError): { path: string; message: string }[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: path === '' ? key : `${path}.${key}`,
        message: 'is not a known field: remove it or correct its name',
      }));
    }
    return [{ path: path === '' ? '(body)' : path, message: issue.message }];
  });
}
