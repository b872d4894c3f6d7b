/** Without letters and digits that look alike. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const groups = 4;
const groupLength = 5;

/**
 * A password for another user: `k7mfw-3xqpd-…`, 99 bits of randomness.
 *
 * @param randomBytes cryptographically secure, such as `crypto.getRandomValues`
 */
export function generatePassword(randomBytes: (count: number) => Uint8Array): string {
  let letters = '';
  // Bytes beyond a multiple of the alphabet's length would favour its first letters.
  const limit = 256 - (256 % alphabet.length);
  while (letters.length < groups * groupLength) {
    for (const byte of randomBytes(32)) if (byte < limit) letters += alphabet.charAt(byte % alphabet.length);
  }
  return Array.from({ length: groups }, (_, index) =>
    letters.slice(index * groupLength, (index + 1) * groupLength),
  ).join('-');
}

export function newPassword(): string {
  return generatePassword((count) => crypto.getRandomValues(new Uint8Array(count)));
}
