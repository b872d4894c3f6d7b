export type RtspRequest = { method: string; uri: string; headers: ReadonlyMap<string, string> };

const requestMaxBytes = 65_536;

/** Parses what a client sends: requests; interleaved packets and answers to the camera are skipped. */
export function createRequestParser(onRequest: (request: RtspRequest) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    if (pending.length > requestMaxBytes) pending = Buffer.alloc(0);
    for (;;) {
      if (pending[0] === 0x24) {
        if (pending.length < 4) return;
        const end = 4 + pending.readUInt16BE(2);
        if (pending.length < end) return;
        pending = pending.subarray(end);
        continue;
      }
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [first = '', ...lines] = pending.subarray(0, end).toString('latin1').split('\r\n');
      const headers = new Map(
        lines.map((line): [string, string] => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
        }),
      );
      pending = pending.subarray(end + 4 + Number(headers.get('content-length') ?? 0));
      const [method = '', uri = ''] = first.split(' ');
      if (!method.startsWith('RTSP/')) onRequest({ method, uri, headers });
    }
  };
}
