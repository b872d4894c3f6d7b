import { CamplaneError, errorKinds, fieldsOf } from '@camplane/contracts/problem';
import express from 'express';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { ZodError } from 'zod';
import type { Logger } from './logging.ts';

/**
 * Maps every error to problem details (RFC 9457). Must be the last middleware. An error of unknown kind is logged with
 * its cause; the response does not contain it.
 */
export function problemHandler({ log }: { log: Pick<Logger, 'error'> }): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const known = toCamplaneError(error);
    if (known.kind === 'internal') {
      log.error({ err: error, method: request.method, path: request.path }, 'request failed');
    }
    if (response.headersSent || response.destroyed) {
      // Part of the response was sent: only closing the connection can signal the failure.
      request.socket.destroy();
      return;
    }
    const { status } = errorKinds[known.kind];
    // The rest of a rejected body is not read, so the connection cannot be reused.
    if (known.kind === 'body-too-large') response.set('Connection', 'close');
    // RFC 9110, section 11.6.1: a 401 response names a scheme.
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    if (known.retryAfterSeconds !== null) response.set('Retry-After', String(known.retryAfterSeconds));
    // Without the query, which may contain a token.
    const instance = request.originalUrl.split('?', 1)[0] ?? '/';
    response
      .status(status)
      .set('Cache-Control', 'no-store')
      .type('application/problem+json')
      .send(JSON.stringify(known.toProblem(instance)));
  };
}

/** Responds 404 to requests that no route handled. */
export function notFoundHandler(): RequestHandler {
  return (request) => {
    throw new CamplaneError('not-found', `There is nothing at ${request.path.slice(0, 200)}`);
  };
}

/** For `router.route(path)`, after its methods: responds 405 with `Allow` (RFC 9110, section 15.5.6). */
export function methodNotAllowedHandler(...methods: [string, ...string[]]): RequestHandler {
  const allowed = methods.join(', ').toUpperCase();
  return (request, response) => {
    response.set('Allow', allowed);
    throw new CamplaneError('method-not-allowed', `${request.method} is not allowed here: use ${allowed}`);
  };
}

/**
 * Parses a JSON body of at most `maxBytes`. A body of another type is rejected, not ignored: a cross-site form cannot
 * send JSON.
 *
 * @param options.types accepted media types
 */
export function jsonBody({
  maxBytes,
  types = ['application/json'],
}: {
  maxBytes: number;
  types?: readonly string[];
}): RequestHandler[] {
  return [
    requireType(types),
    // Not `strict`: a bare number is JSON, and the schema reports the better error.
    express.json({ limit: maxBytes, strict: false, type: [...types], inflate: true }),
  ];
}

/** Reads a body of one media type as text, of at most `maxBytes`. A body of another type is rejected. */
export function textBody({ maxBytes, type }: { maxBytes: number; type: string }): RequestHandler[] {
  return [requireType([type]), express.text({ limit: maxBytes, type, inflate: true })];
}

function requireType(types: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined ||
      Number(request.headers['content-length'] ?? 0) > 0;
    if (hasBody && !request.is([...types])) {
      throw new CamplaneError(
        'unsupported-media-type',
        `Send the body as Content-Type: ${types.join(' or ')}`,
      );
    }
    next();
  };
}

/** Converts any error to one of a known kind. */
export function toCamplaneError(error: unknown): CamplaneError {
  if (error instanceof CamplaneError) return error;
  if (error instanceof ZodError) {
    const fields = fieldsOf(error);
    return new CamplaneError('invalid-body', describeFields(fields), { cause: error, fields });
  }
  return (
    fromBodyParser(error) ??
    new CamplaneError('internal', 'Internal error: see the log of the service', { cause: error })
  );
}

function describeFields(fields: { path: string; message: string }[]): string {
  const [first] = fields;
  if (!first) return 'The body does not match its schema';
  const others = fields.length === 1 ? '' : ` (and ${fields.length - 1} more)`;
  return `${first.path}: ${first.message}${others}`;
}

/** By `type`, as in body-parser's documentation, "Errors"; and Express's error for a malformed path. */
function fromBodyParser(error: unknown): CamplaneError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { type, status, limit } = error as Error & { type?: unknown; status?: unknown; limit?: unknown };
  switch (type) {
    case 'entity.parse.failed':
      // The message quotes the body, which may contain a password: return the position only.
      return new CamplaneError('malformed-json', `The body is not JSON${positionOf(error.message)}`);
    case 'entity.too.large':
      return new CamplaneError(
        'body-too-large',
        typeof limit === 'number' ? `The body must be at most ${limit} bytes` : 'The body is too large',
      );
    case 'encoding.unsupported':
      return new CamplaneError(
        'unsupported-media-type',
        'The Content-Encoding is not supported: send the body uncompressed',
      );
    case 'charset.unsupported':
      return new CamplaneError('unsupported-media-type', 'The charset is not supported: send UTF-8');
    case 'request.aborted':
    case 'request.size.invalid':
      return new CamplaneError('invalid-body', 'The length of the body differs from its Content-Length');
    default:
      break;
  }
  if (error instanceof URIError && status === 400) {
    return new CamplaneError('invalid-query', 'The URL contains a malformed percent-encoding');
  }
  // Other errors of body-parser, such as a corrupt compressed body, are client errors too.
  return status === 400 ? new CamplaneError('invalid-body', 'The body could not be read') : undefined;
}

function positionOf(message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined ? '' : `: the error is at position ${position}`;
}
