import { z } from 'zod';
import { KubernetesError } from './kubernetes-error.ts';
import type { KubernetesErrorKind } from './kubernetes-error.ts';

/** `Status` of the API (Kubernetes API conventions, "Response Status Kind"): what it answers where it refuses. */
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
 * An answer that is no success, as an error.
 *
 * @param what the request in words, for the message: `GET /api/v1/…`
 * @param status the HTTP status; of an `ERROR` event of a watch, 0: the object's own code counts
 */
export function errorOfAnswer(
  what: string,
  answer: { status: number; retryAfter?: string | undefined; body: unknown },
): KubernetesError {
  const parsed = statusSchema.safeParse(answer.body);
  const told = parsed.success ? parsed.data : undefined;
  const status = answer.status === 0 ? (told?.code ?? 0) : answer.status;
  const kind = kindOf(status, told?.reason);
  const causes = (told?.details?.causes ?? []).slice(0, causesMax).map((cause) => ({
    field: cause.field ?? '',
    message: (cause.message ?? '').slice(0, textMaxLength),
  }));
  const retryAfterMs = retryAfterMsOf(answer.retryAfter, told?.details?.retryAfterSeconds);
  return new KubernetesError(kind, `${what}: ${sentence(kind, status, told?.message, answer.body)}`, {
    ...(status === 0 ? {} : { status }),
    causes,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

/** Whether it says that there is no object of that name: not that the API does not know the whole kind. */
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

function sentence(
  kind: KubernetesErrorKind,
  status: number,
  message: string | undefined,
  body: unknown,
): string {
  if (message !== undefined && message !== '') return message.slice(0, textMaxLength);
  if (kind === 'not-found') return 'the cluster does not know this kind of resource: install its definition';
  const text = typeof body === 'string' ? body.trim().slice(0, 200) : '';
  return text === '' ? `HTTP status ${status}` : `HTTP status ${status}: ${text}`;
}

function retryAfterMsOf(header: string | undefined, seconds: number | undefined): number | null {
  const given = header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : seconds;
  return given === undefined || given <= 0 ? null : given * 1000;
}
