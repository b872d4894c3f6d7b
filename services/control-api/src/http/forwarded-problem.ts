import { CamplaneError, errorKinds, problemSchema } from '@camplane/contracts/problem';
import type { ErrorKind } from '@camplane/contracts/problem';

/** The problem that another service returned; null for any other text, and for unknown kinds. */
export function forwardedProblem(text: string, retryAfter: string | null | undefined): CamplaneError | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const problem = problemSchema.safeParse(json);
  if (!problem.success || !isErrorKind(problem.data.code) || problem.data.code === 'internal') return null;
  const { code, detail, errors } = problem.data;
  const seconds = Number(retryAfter ?? NaN);
  return new CamplaneError(code, detail, {
    fields: errors ?? [],
    retryAfterSeconds: Number.isInteger(seconds) ? seconds : null,
  });
}

function isErrorKind(code: string): code is ErrorKind {
  return Object.hasOwn(errorKinds, code);
}
