/** Prefix of every path of the API. */
export const apiRoot = '/api/v1';

/** Problems of operations with a body. */
export const written = [
  'invalid-body',
  'malformed-json',
  'unsupported-media-type',
  'body-too-large',
] as const;
/** Media types of partial updates. A JSON merge patch (RFC 7396) is preferred; plain JSON means the same. */
export const patched = ['application/merge-patch+json', 'application/json'] as const;
/** Problems of operations that change something. */
export const guarded = ['cross-origin', 'too-many-requests', 'store-unavailable'] as const;
