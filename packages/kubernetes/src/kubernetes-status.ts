import { z } from 'zod';
import { KubernetesError } from './kubernetes-error.ts';
import type { KubernetesErrorKind } from './kubernetes-error.ts';

/** The body of an error response (Kubernetes API conventions, "Response Status Kind"). */
const statusSchema = z.object({
  kind: z.literal('Status'),
  reason: z.string().optional(),
  message: z.string().optional(),
  code: z.number().optional(),
  details: z
    .object({
      causes: z.array(z.object({ field: z.string().optional(), message: z.string().optional() })).optional(),
      retryAfterSeconds: z.number().optional(),
    })
    .optional(),
});

const textMaxLength = 2_000;
const causesMax = 50;

/**
 * Converts an error response.
 *
 * @param what the request, for the message: `GET /api/v1/…`
 * @param response.status the HTTP status; 0 for an `ERROR` event of a watch: the code of its object is used
 */
export function errorOfResponse(
  what: string,
  response: { status: number; retryAfter?: string | undefined; body: unknown },
): KubernetesError {
  const parsed = statusSchema.safeParse(response.body);
  const reported = parsed.success ? parsed.data : undefined;
  const status = response.status === 0 ? (reported?.code ?? 0) : response.status;
  const kind = kindOf(status, reported?.reason);
  const causes = (reported?.details?.causes ?? []).slice(0, causesMax).map((cause) => ({
    field: cause.field ?? '',
    message: (cause.message ?? '').slice(0, textMaxLength),
  }));
  const retryAfterMs = retryAfterMsOf(response.retryAfter, reported?.details?.retryAfterSeconds);
  return new KubernetesError(
    kind,
    `${what}: ${describeFailure(kind, status, reported?.message, response.body)}`,
    {
      ...(status === 0 ? {} : { status }),
      causes,
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    },
  );
}

/** Distinguishes a missing object from a resource kind that the API does not serve. */
export function isObjectMissing(body: unknown): boolean {
  const parsed = statusSchema.safeParse(body);
  return parsed.success && parsed.data.reason === 'NotFound';
}

function kindOf(status: number, reason: string | undefined): KubernetesErrorKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 409:
      return reason === 'AlreadyExists' ? 'already-exists' : 'conflict';
    case 410:
      return 'gone';
    case 429:
      return 'too-many-requests';
    default:
      if (status >= 500) return 'unavailable';
      return status >= 400 ? 'invalid' : 'not-understood';
  }
}

function describeFailure(
  kind: KubernetesErrorKind,
  status: number,
  message: string | undefined,
  body: unknown,
): string {
  if (message !== undefined && message !== '') return message.slice(0, textMaxLength);
  if (kind === 'not-found') return 'the cluster does not serve this kind of resource: install its definition';
  const text = typeof body === 'string' ? body.trim().slice(0, 200) : '';
  return text === '' ? `HTTP status ${status}` : `HTTP status ${status}: ${text}`;
}

function retryAfterMsOf(header: string | undefined, seconds: number | undefined): number | null {
  const given = header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : seconds;
  return given === undefined || given <= 0 ? null : given * 1000;
}
