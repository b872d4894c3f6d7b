import type { BodyInputOf, Operation, QueryInputOf } from '@camplane/contracts/operation';
import { operationPath, operations } from '@camplane/contracts/operations';
import type { OperationId, Operations, PathParametersOf } from '@camplane/contracts/operations';

// In brackets: a body that is a union stays one.
type Field<Name extends string, T> = [T] extends [undefined] ? unknown : { [K in Name]: T };
type OptionalField<Name extends string, T> = T extends undefined ? unknown : { [K in Name]?: T };

/** The arguments of an operation: the parameters of its path, `query`, `body`. */
export type OperationInput<Id extends OperationId> = PathParametersOf<Id> &
  OptionalField<'query', QueryInputOf<Operations[Id]>> &
  Field<'body', BodyInputOf<Operations[Id]>>;

/** Arguments without types, for callers that send invalid requests on purpose. */
export type RawInput = {
  id?: string;
  filename?: string;
  session?: string;
  query?: Readonly<Record<string, QueryValue>>;
  body?: unknown;
};
export type QueryValue = string | number | boolean | readonly (string | number | boolean)[] | undefined;

/**
 * The URL of an operation.
 *
 * @param baseUrl an origin such as `http://127.0.0.1:8080`; '' for a path on the origin of the page
 */
export function operationUrl(baseUrl: string, id: OperationId, input: RawInput = {}): string {
  const { path } = operations[id] as Operation;
  const filled = path.includes('{id}') ? fillPath(id, input) : operationPath(id as 'listCameras');
  return `${baseUrl.replace(/\/$/, '')}${filled}${queryText(input.query)}`;
}

/** The WebSocket URL of `followEvents` on an http or https origin. */
export function eventsUrl(baseUrl: string, query: { cameraId?: readonly string[] } = {}): string {
  return operationUrl(baseUrl, 'followEvents', { query }).replace(/^http/, 'ws');
}

/** The WebSocket URL of `followCameras` on an http or https origin. */
export function liveUrl(baseUrl: string): string {
  return operationUrl(baseUrl, 'followCameras').replace(/^http/, 'ws');
}

function fillPath(operation: OperationId, { id = '', filename = '', session = '' }: RawInput): string {
  const parameters: { id: string; filename: string } = { ...{ session }, id, filename };
  return operationPath(operation as 'readScreenshot', parameters);
}

function queryText(query: RawInput['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const item of typeof value === 'object' ? value : [value]) parameters.append(name, String(item));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
