import { describe, expect, it } from '@jest/globals';
import { CamplaneError } from '@camplane/contracts/problem';
import { errorOfAnswer } from './api-error.ts';

describe('an answer with an error status', () => {
  it('carries the code, the sentence and the fields of the problem', () => {
    const problem = new CamplaneError('invalid-body', 'The camera is not valid', {
      fields: [{ path: 'source.url', message: 'has no scheme' }],
    }).toProblem('/api/v1/cameras');
    const error = errorOfAnswer(400, problem);
    expect(error.code).toBe('invalid-body');
    expect(error.message).toBe('The camera is not valid.');
    expect(error.fields).toEqual([{ path: 'source.url', message: 'has no scheme' }]);
    expect(error.retryable).toBe(false);
  });

  it('is retryable where the server or its store is away', () => {
    expect(errorOfAnswer(503, new CamplaneError('store-unavailable', 'away').toProblem()).retryable).toBe(
      true,
    );
  });

  it('says so when a proxy answered with a page of its own', () => {
    const error = errorOfAnswer(502, '<html>Bad gateway</html>');
    expect(error.code).toBe('bad-answer');
    expect(error.message).toContain('502');
  });
});
