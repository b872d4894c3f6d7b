import { z } from 'zod';

/** The closed set of error kinds: a stable code, its HTTP status, a title, and whether trying again can help. */
export const errorKinds = {
  'invalid-body': { status: 400, title: 'The request body is not valid', retryable: false },
  'invalid-query': { status: 400, title: 'The query is not valid', retryable: false },
  'malformed-json': { status: 400, title: 'The request body is not JSON', retryable: false },
  'unsupported-media-type': {
    status: 415,
    title: 'The request body is of a type that is not accepted here',
    retryable: false,
  },
  'invalid-picture': { status: 400, title: 'The picture cannot be decoded', retryable: false },
  'body-too-large': { status: 413, title: 'The request body is too large', retryable: false },
  'cross-origin': { status: 403, title: 'The request came from another origin', retryable: false },
  'not-found': { status: 404, title: 'There is no such resource', retryable: false },
  'camera-not-found': { status: 404, title: 'There is no such camera', retryable: false },
  'detection-not-found': { status: 404, title: 'There is no such detection', retryable: false },
  'picture-not-kept': { status: 404, title: 'No picture of this detection is kept', retryable: false },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here', retryable: false },
  'upgrade-required': { status: 426, title: 'A WebSocket upgrade is required', retryable: false },
  'camera-exists': { status: 409, title: 'A camera with this id exists', retryable: false },
  'camera-limit': { status: 409, title: 'The limit of cameras is reached', retryable: false },
  'too-many-requests': { status: 429, title: 'Too many requests', retryable: true },
  'no-picture': { status: 503, title: 'There is no picture of this camera now', retryable: true },
  'service-unavailable': { status: 503, title: 'A service this needs is not available', retryable: true },
  'detector-unavailable': { status: 503, title: 'The detector cannot be used now', retryable: true },
  'store-unavailable': { status: 503, title: 'The database is not available', retryable: true },
  internal: { status: 500, title: 'Something failed inside Camplane', retryable: true },
} as const;
export type ErrorKind = keyof typeof errorKinds;

/** Problem details (RFC 9457), with the code again as a word and the fields at fault. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  instance: z.string().optional(),
  /** One entry a field: `path` as in `source.url`, `message` with the remedy. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** A failure of a known kind. It says itself whether trying again can help. */
export class CamplaneError extends Error {
  readonly kind: ErrorKind;
  readonly fields: { path: string; message: string }[];

  constructor(
    kind: ErrorKind,
    detail: string,
    options: { cause?: unknown; fields?: { path: string; message: string }[] } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CamplaneError';
    this.kind = kind;
    this.fields = options.fields ?? [];
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

/** The fields at fault of a zod error, with dotted paths. */
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
