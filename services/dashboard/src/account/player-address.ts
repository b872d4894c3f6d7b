/**
 * The RTSP address of a camera with a login, for players and recorders: `rtsp://USER:TOKEN@host:8554/ID`. Null if the
 * camera has no address yet.
 *
 * @param rtsp the address without a login, from the camera's status
 */
export function playerAddress(rtsp: string, username: string, secret: string): string | null {
  const parts = /^(rtsps?:\/\/)([^/@]+\/.*)$/.exec(rtsp);
  if (!parts) return null;
  const [, scheme = '', rest = ''] = parts;
  return `${scheme}${encodeURIComponent(username)}:${encodeURIComponent(secret)}@${rest}`;
}

/** Whether only programs on the same machine can use an address. */
export function isLoopback(address: string): boolean {
  const host = /^[a-z]+:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/i.exec(address)?.[1] ?? '';
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}
