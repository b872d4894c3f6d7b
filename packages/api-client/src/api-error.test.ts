import { describe, expect, it } from '@jest/globals';
import { CamplaneError } from '@camplane/contracts/problem';
import { errorOfResponse } from './api-error.ts';

describe('errorOfResponse', () => {
  it('returns the code, detail and fields of the problem', () => {
    const problem = new CamplaneError('invalid-body', 'The camera is not valid', {
      fields: [{ path: 'source.url', message: 'has no scheme' }],
    }).toProblem('/api/v1/cameras');
    const error = errorOfResponse(400, problem);
    expect(error.code).toBe('invalid-body');
    expect(error.message).toBe('The camera is not valid.');
    expect(error.fields).toEqual([{ path: 'source.url', message: 'has no scheme' }]);
    expect(error.retryable).toBe(false);
  });

  it('is retryable if the server or its database is unavailable', () => {
    expect(
      errorOfResponse(503, new CamplaneError('store-unavailable', 'no connection').toProblem()).retryable,
    ).toBe(true);
  });

  it('returns the seconds of Retry-After', () => {
    const problem = new CamplaneError('too-many-requests', 'Too many attempts').toProblem();
    const error = (value: string) => errorOfResponse(429, problem, new Headers({ 'retry-after': value }));
    expect(error('27').retryAfterSeconds).toBe(27);
    expect(error('Mon, 30 Nov 2026 00:00:00 GMT').retryAfterSeconds).toBeNull();
    expect(errorOfResponse(429, problem).retryAfterSeconds).toBeNull();
  });

  it('reports the status if a proxy answered without problem details', () => {
    const error = errorOfResponse(502, '<html>Bad gateway</html>');
    expect(error.code).toBe('bad-answer');
    expect(error.message).toContain('502');
  });
});
