import { CamplaneError } from '@camplane/contracts/problem';
import { knownPasswords } from './known-passwords.ts';

/** Names that are part of a password shorter than this are too common to be refused. */
const nameMinLength = 3;
const repeatedMaxLength = 4;

/**
 * Why a new password is too easy to guess; undefined if it is not. Its length is checked by the schemas. There are no
 * rules about kinds of characters (NIST SP 800-63B, 3.1.1.2).
 */
export function weaknessOf(password: string, username: string): string | undefined {
  const text = password.normalize('NFKC').toLowerCase();
  if (username.length >= nameMinLength && text.includes(username.toLowerCase())) {
    return 'must not contain the user name: choose another one';
  }
  if (knownPasswords.has(text) || isRepeated(text) || isSequence(text)) {
    return 'is one of the commonest passwords: choose several unrelated words';
  }
  return undefined;
}

/** @throws CamplaneError `invalid-body` naming the field */
export function requireStrongPassword(password: string, username: string, field: string): void {
  const message = weaknessOf(password, username);
  if (message === undefined) return;
  throw new CamplaneError('invalid-body', `${field}: ${message}`, { fields: [{ path: field, message }] });
}

/** `aaaaaaaaaaaa`, `abcabcabcabc`: the same one to four characters again and again. */
function isRepeated(text: string): boolean {
  for (let length = 1; length <= repeatedMaxLength; length++) {
    const period = text.slice(0, length);
    if (period.repeat(Math.ceil(text.length / length)).slice(0, text.length) === text) return true;
  }
  return false;
}

/** `123456789012`, `zyxwvutsrqpo`: each character follows the one before it, in the same direction. */
function isSequence(text: string): boolean {
  const digits = '0123456789'.repeat(30);
  const letters = 'abcdefghijklmnopqrstuvwxyz'.repeat(11);
  return [digits, letters].some(
    (order) => order.includes(text) || [...order].reverse().join('').includes(text),
  );
}
