import { describe, expect, it } from '@jest/globals';
import { callersFrom } from './caller-variables.ts';

const none = {
  CONTROL_API_PASSWORD: undefined,
  CAMERA_OPERATOR_PASSWORD: undefined,
  CAMERA_SERVICE_SHARED_PASSWORD: undefined,
};

describe('the passwords of callers', () => {
  it('are those that are set', () => {
    expect(callersFrom(none)).toEqual({ passwords: {}, shared: null });
    expect(callersFrom({ ...none, CONTROL_API_PASSWORD: 'a', CAMERA_SERVICE_SHARED_PASSWORD: 'b' })).toEqual({
      passwords: { 'control-api': 'a' },
      shared: 'b',
    });
  });

  it('must differ', () => {
    const same = { ...none, CONTROL_API_PASSWORD: 'a', CAMERA_OPERATOR_PASSWORD: 'a' };
    expect(() => callersFrom(same)).toThrow('CAMERA_OPERATOR_PASSWORD must differ');
  });
});
