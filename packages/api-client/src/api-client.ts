import type { Operation } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import type { HttpOperationId, OperationId, Operations } from '@camplane/contracts/operations';
import type { z } from 'zod';
import { ApiError, errorOfResponse } from './api-error.ts';
import type { OperationInput, RawInput } from './operation-url.ts';
import { sendOperation } from './send-operation.ts';
import type { ApiConnection, CallOptions, RawAnswer } from './send-operation.ts';

type AnswerTypeOf<A> = A extends { schema: infer S extends z.ZodType }
  ? z.output<S>
  : A extends { contentType: `image/${string}` }
    ? Uint8Array<ArrayBuffer>
    : A extends { status: 204 }
      ? undefined
      : unknown;

/** The parsed answer of an operation: JSON by its schema, bytes of an image, or `undefined`. */
export type OperationAnswer<Id extends OperationId> = AnswerTypeOf<Operations[Id]['answer']>;

type Arguments<Id extends HttpOperationId> =
  object extends OperationInput<Id>
    ? [input?: OperationInput<Id>, options?: CallOptions]
    : [input: OperationInput<Id>, options?: CallOptions];

/** One method for each HTTP operation of the table. */
export type ApiClient = {
  /**
   * @throws ApiError if the server cannot be reached, answers with an error status, or answers something that its
   *   schema does not allow; the reason of `signal` if that is aborted
   */
  [Id in HttpOperationId]: (...call: Arguments<Id>) => Promise<OperationAnswer<Id>>;
};

export function createApiClient(connection: ApiConnection): ApiClient {
  const methods = Object.entries<Operation>(operations)
    .filter(([, operation]) => operation.upgrade === undefined)
    .map(([id, operation]) => [
      id,
      async (input?: RawInput, options?: CallOptions) =>
        parseAnswer(operation, await sendOperation(connection, id as HttpOperationId, input, options)),
    ]);
  return Object.fromEntries(methods) as ApiClient;
}

function parseAnswer({ answer }: Operation, { status, headers, body }: RawAnswer): unknown {
  if (status >= 400) throw errorOfResponse(status, body, headers);
  const contentType = headers.get('content-type') ?? '';
  if (answer.contentType !== undefined && !contentType.startsWith(answer.contentType)) {
    throw unexpectedAnswer(new Error(`content type is ${contentType}, not ${answer.contentType}`));
  }
  if (!answer.schema) return body;
  const parsed = answer.schema.safeParse(body);
  if (!parsed.success) throw unexpectedAnswer(parsed.error);
  return parsed.data;
}

function unexpectedAnswer(cause: Error): ApiError {
  return new ApiError(
    'The answer of the server was not understood: client and server may be of different versions.',
    { code: 'bad-answer', retryable: false, cause },
  );
}
