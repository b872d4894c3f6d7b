import { CamplaneError, errorKinds, fieldsOf } from '@camplane/contracts/problem';
import express from 'express';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { ZodError } from 'zod';
import type { Logger } from './logging.ts';

/**
 * The one mapping of errors to HTTP: problem details (RFC 9457). Put it last. Errors that are not of a known kind
 * are logged with their cause and answered without any of it.
 */
export function problemHandler({ log }: { log: Pick<Logger, 'error'> }): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const known = toCamplaneError(error);
    if (known.kind === 'internal') {
      log.error({ err: error, method: request.method, path: request.path }, 'a request failed');
    }
    if (response.headersSent || response.destroyed) {
      // Half an answer has gone out; only the end of the connection can still tell the client.
      request.socket.destroy();
      return;
    }
    const { status } = errorKinds[known.kind];
    // What is left of a refused body is not read, so the connection cannot be used again.
    if (known.kind === 'body-too-large') response.set('Connection', 'close');
    // The path alone: a query may hold a token.
    const instance = request.originalUrl.split('?', 1)[0] ?? '/';
    response
      .status(status)
      .set('Cache-Control', 'no-store')
      .type('application/problem+json')
      .send(JSON.stringify(known.toProblem(instance)));
  };
}

/** Answers what no route answered. */
export function notFoundHandler(): RequestHandler {
  return (request) => {
    throw new CamplaneError('not-found', `There is nothing at ${request.path.slice(0, 200)}`);
  };
}

/** For `router.route(path)`, after its methods: names the ones that exist (RFC 9110, section 15.5.6). */
export function methodNotAllowedHandler(...methods: [string, ...string[]]): RequestHandler {
  const allowed = methods.join(', ').toUpperCase();
  return (request, response) => {
    response.set('Allow', allowed);
    throw new CamplaneError('method-not-allowed', `${request.method} is not allowed here: use ${allowed}`);
  };
}

/**
 * Reads a JSON body of at most `maxBytes`. A body of another type is refused rather than ignored, so that a cross-site
 * form, which cannot send this type, never gets further.
 */
export function jsonBody({ maxBytes }: { maxBytes: number }): RequestHandler[] {
  return [
    (request, _response, next) => {
      const hasBody =
        request.headers['transfer-encoding'] !== undefined ||
        Number(request.headers['content-length'] ?? 0) > 0;
      if (hasBody && !request.is('application/json')) {
        throw new CamplaneError('unsupported-media-type', 'Send the body as Content-Type: application/json');
      }
      next();
    },
    // Not `strict`: a body that is a bare number is JSON, and the schema says better what is wrong with it.
    express.json({ limit: maxBytes, strict: false, type: 'application/json', inflate: true }),
  ];
}

/** The error of a known kind that stands for any error. */
export function toCamplaneError(error: unknown): CamplaneError {
  if (error instanceof CamplaneError) return error;
  if (error instanceof ZodError) {
    const fields = fieldsOf(error);
    return new CamplaneError('invalid-body', describeFields(fields), { cause: error, fields });
  }
  return (
    fromBodyParser(error) ??
    new CamplaneError('internal', 'Something failed inside Camplane; its log says what', { cause: error })
  );
}

function describeFields(fields: { path: string; message: string }[]): string {
  const [first] = fields;
  if (!first) return 'The body does not match its schema';
  const others = fields.length === 1 ? '' : ` (and ${fields.length - 1} more)`;
  return `${first.path}: ${first.message}${others}`;
}

/** The `type` words of body-parser's documentation, "Errors"; and Express's own error for a malformed path. */
function fromBodyParser(error: unknown): CamplaneError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { type, status, limit } = error as Error & { type?: unknown; status?: unknown; limit?: unknown };
  switch (type) {
    case 'entity.parse.failed':
      // Its message quotes the body, where a password may stand: only the position is passed on.
      return new CamplaneError('malformed-json', `The body is not JSON${positionOf(error.message)}`);
    case 'entity.too.large':
      return new CamplaneError(
        'body-too-large',
        typeof limit === 'number' ? `The body must be at most ${limit} bytes` : 'The body is too large',
      );
    case 'encoding.unsupported':
      return new CamplaneError(
        'unsupported-media-type',
        'The Content-Encoding is not supported: send it plain',
      );
    case 'charset.unsupported':
      return new CamplaneError('unsupported-media-type', 'The charset is not supported: send UTF-8');
    case 'request.aborted':
    case 'request.size.invalid':
      return new CamplaneError('invalid-body', 'The body is not as long as its Content-Length says');
    default:
      break;
  }
  if (error instanceof URIError && status === 400) {
    return new CamplaneError('invalid-query', 'The address holds a malformed percent-encoding');
  }
  // Anything else body-parser refuses (a corrupt compressed body) is the client's as well.
  return status === 400 ? new CamplaneError('invalid-body', 'The body could not be read') : undefined;
}

function positionOf(message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined ? '' : `: the error is at position ${position}`;
}
