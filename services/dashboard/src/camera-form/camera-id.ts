const idMaxLength = 63;

/** Derives a DNS label from a camera's name; empty if the name has no usable characters. */
export function suggestCameraId(displayName: string): string {
  return displayName
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, idMaxLength)
    .replace(/^-+|-+$/g, '');
}
