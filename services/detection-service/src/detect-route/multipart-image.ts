import { CamplaneError } from '@camplane/contracts/problem';

/** Maximum number of parts; a valid form has one. */
const partsMax = 8;

const remedy = 'send one image as the file of the field "image"';

/**
 * The boundary of a form (RFC 7578), available before its body is read.
 *
 * @throws CamplaneError `unsupported-media-type`, with what to send instead
 */
export function boundaryOfForm(contentType = ''): string {
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType.trim())) {
    throw new CamplaneError('unsupported-media-type', `Send Content-Type: multipart/form-data; ${remedy}`);
  }
  const boundary = boundaryOf(contentType);
  if (boundary !== undefined) return boundary;
  const detail = 'The Content-Type has no boundary: let your HTTP client set the header';
  throw new CamplaneError('unsupported-media-type', detail);
}

/**
 * The image in a complete form.
 *
 * @param body as set by `express.raw`: not a buffer without a body
 * @throws CamplaneError `unsupported-media-type` or `invalid-body`, with what to send instead
 */
export async function imageOfForm(contentType: string | undefined, body: unknown): Promise<Uint8Array> {
  const boundary = boundaryOfForm(contentType);
  if (!Buffer.isBuffer(body) || body.byteLength === 0) throw wrong('image', `is missing: ${remedy}`);
  const form = await parseForm(boundary, body);
  const images = form.getAll('image');
  const [image] = images;
  const other = [...form.keys()].find((name) => name !== 'image');
  if (other !== undefined) throw wrong(other.slice(0, 64), `is not a known field: ${remedy}`);
  if (image === undefined) throw wrong('image', `is missing: ${remedy}`);
  if (images.length > 1) throw wrong('image', `is present ${images.length} times: ${remedy}`);
  if (typeof image === 'string') throw wrong('image', `is text and not a file: ${remedy}`);
  if (image.size === 0) throw wrong('image', `is empty: ${remedy}`);
  return new Uint8Array(await image.arrayBuffer());
}

async function parseForm(boundary: string, body: Buffer): Promise<FormData> {
  if (countParts(body, boundary) > partsMax) {
    throw new CamplaneError('invalid-body', `The body has more than ${partsMax} parts: ${remedy}`);
  }
  const headers = { 'content-type': `multipart/form-data; boundary="${boundary}"` };
  try {
    return await new Response(new Uint8Array(body), { headers }).formData();
  } catch (cause) {
    throw new CamplaneError('invalid-body', `The body is not a valid form: ${remedy}`, { cause });
  }
}

/** At most 70 characters (RFC 2046, section 5.1.1). */
function boundaryOf(contentType: string): string | undefined {
  const match = /;\s*boundary=(?:"([^"\\\r\n]{1,70})"|([^\s"\\;,]{1,70}))\s*(?:;|$)/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/** Counted before parsing, which is more expensive. */
function countParts(body: Buffer, boundary: string): number {
  const delimiter = `--${boundary}`;
  let parts = 0;
  for (let at = body.indexOf(delimiter); at >= 0 && parts <= partsMax + 1; parts++) {
    at = body.indexOf(delimiter, at + delimiter.length);
  }
  // The last delimiter closes the form.
  return parts - 1;
}

function wrong(path: string, message: string): CamplaneError {
  return new CamplaneError('invalid-body', `${path} ${message}`, { fields: [{ path, message }] });
}
