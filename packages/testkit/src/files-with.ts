import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Finds a secret in bytes, also in base64 at any alignment, hexadecimal, percent-encoding or UTF-16. */
export function createSecretFinder(secret: string): (content: Buffer | string) => boolean {
  const needles = encodingsOf(secret);
  return (content) => {
    const bytes = Buffer.from(content as string);
    return needles.some((needle) => bytes.includes(needle));
  };
}

/** The files below a folder that contain a secret in any of these encodings. */
export function filesWith(folder: string, secret: string): string[] {
  const contains = createSecretFinder(secret);
  return (
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      // Programs that still run remove temporary files.
      .filter((file) => existsSync(file) && contains(readFileSync(file)))
  );
}

function encodingsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const texts = [0, 1, 2].flatMap((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]);
    // Without the characters that depend on neighbouring bytes.
    const start = shift === 0 ? 0 : shift + 1;
    const end = Math.floor((shifted.length * 8) / 6);
    return [shifted.toString('base64').slice(start, end), shifted.toString('base64url').slice(start, end)];
  });
  return [
    bytes,
    Buffer.from(secret, 'utf16le'),
    ...[...texts, bytes.toString('hex'), encodeURIComponent(secret)].map((text) => Buffer.from(text)),
  ];
}
