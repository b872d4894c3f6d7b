/** Prefix of every path of the API. */
export const apiRoot = '/api/v1';

/** Problems of operations with a body. */
export const written = [
  'invalid-body',
  'malformed-json',
  'unsupported-media-type',
  'body-too-large',
] as const;
/** Problems of operations that change something. */
export const guarded = ['cross-origin', 'too-many-requests', 'store-unavailable'] as const;
