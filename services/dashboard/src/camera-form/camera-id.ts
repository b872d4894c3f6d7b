const idMaxLength = 63;

/** The id that a camera's name suggests: a DNS label, or empty if nothing of the name can stand in one. */
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
