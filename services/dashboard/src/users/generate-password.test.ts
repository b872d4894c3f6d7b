import { describe, expect, it } from '@jest/globals';
import { newPasswordSchema } from '@camplane/contracts/access';
import { generatePassword, newPassword } from './generate-password.ts';

describe('generatePassword', () => {
  it('makes passwords that the contract allows, each a new one', () => {
    const made = Array.from({ length: 50 }, newPassword);
    expect(new Set(made).size).toBe(50);
    for (const password of made) {
      expect(password).toMatch(/^([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}$/);
      expect(newPasswordSchema.safeParse(password).success).toBe(true);
    }
  });

  it('skips bytes that would favour some letters', () => {
    const batches = [new Uint8Array(32).fill(255), new Uint8Array(32).fill(0)];
    expect(generatePassword(() => batches.shift() ?? new Uint8Array(32))).toBe('aaaaa-aaaaa-aaaaa-aaaaa');
  });
});
