/**
 * What an HTTP address returns. `multipart`: pictures one after another. `jpeg`: one picture. `hls`: a playlist. `other`:
 * left to FFmpeg.
 */
export type HttpKind = 'multipart' | 'jpeg' | 'hls' | 'other';

export type HttpVerdict =
  | { kind: HttpKind }
  | { refusal: string }
  /** More of the body is needed. */
  | null;

/** Bytes of the body that suffice for a verdict. */
export const verdictBytes = 512;

/** Decides from the headers and the start of the body, which counts more: cameras misstate their types. */
export function classifyResponse(response: {
  contentType: string | null;
  path: string;
  start: Buffer;
  ended: boolean;
}): HttpVerdict {
  const { start, ended } = response;
  const type = (response.contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isEnough = ended || start.length >= verdictBytes;
  const body = start.toString('latin1', 0, verdictBytes).replace(/^(?:\u00ef\u00bb\u00bf)?[\s\0]*/, '');
  if (body.startsWith('#EXTM3U')) return { kind: 'hls' };
  if (type.startsWith('multipart/')) return { kind: 'multipart' };
  if (body.startsWith('\u00ff\u00d8')) return { kind: 'jpeg' };
  if (/^--?[^\r\n]+\r?\n[^]*content-type:\s*image\//i.test(body) || /^content-type:\s*image\//i.test(body)) {
    return { kind: 'multipart' };
  }
  if (body.length < 16 && !ended) return null;
  // A part whose header is still incomplete.
  if (/^(--?[^\r\n]|content-)/i.test(body) && !isEnough) return null;
  if (type === 'text/html' || /^<(!doctype html|html|head|body)\b/i.test(body)) {
    return { refusal: webPage(type) };
  }
  if (hlsTypes.has(type) || isPlaylist(response.path)) {
    return isEnough || !isTextOfPage(body) ? { kind: 'hls' } : null;
  }
  if (body === '') return { refusal: 'The address answered without content.' };
  if (/^image\/p?jpe?g$/.test(type)) return { kind: 'multipart' };
  if (type.startsWith('image/')) {
    return {
      refusal: `The address returns ${type}, and only JPEG pictures are read. Choose JPEG in the camera.`,
    };
  }
  if (/^(text|application)\/(json|xml|plain|javascript|css)$/.test(type)) {
    return { refusal: `The address returns ${type}, not video. Check the path of the address.` };
  }
  return { kind: 'other' };
}

const hlsTypes = new Set([
  'application/vnd.apple.mpegurl',
  'application/x-mpegurl',
  'audio/mpegurl',
  'audio/x-mpegurl',
]);

export function isPlaylist(path: string): boolean {
  return /\.m3u8?$/i.test(path.split('?', 1)[0] ?? '');
}

function isTextOfPage(body: string): boolean {
  return body.startsWith('<');
}

function webPage(type: string): string {
  const named = type === '' ? '' : ` (${type.slice(0, 60)})`;
  return `The address returns a web page${named}, not video. Check the path of the address.`;
}
