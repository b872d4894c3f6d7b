import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files below a folder that contain a text, also in base64 at any alignment, hexadecimal or UTF-16. */
export function filesWith(folder: string, text: string): string[] {
  const needles = encodingsOf(text);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      // A temporary file of the server.
      if (!existsSync(file)) return false;
      const content = readFileSync(file);
      return needles.some((needle) => content.includes(needle));
    });
}

function encodingsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64url');
    // The characters that depend on neighbours are left out.
    return encoded.slice(shift === 0 ? 0 : shift + 1, -3);
  });
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    Buffer.from(bytes.toString('hex')),
    ...base64.map((encoded) => Buffer.from(encoded)),
  ];
}
