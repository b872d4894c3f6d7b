/**
 * Reads a response's whole body.
 *
 * @throws Error if it is larger than `maxBytes`
 */
export async function readBounded(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await boundedChunks(response, maxBytes)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Streams a response's body.
 *
 * @throws Error as soon as it exceeds `maxBytes`, or immediately if its Content-Length does
 */
export async function boundedChunks(
  response: Response,
  maxBytes: number,
): Promise<AsyncIterable<Uint8Array>> {
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge(maxBytes);
  }
  return countedChunks(response, maxBytes);
}

async function* countedChunks(response: Response, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

function tooLarge(maxBytes: number): Error {
  return new Error(`the response is larger than ${maxBytes} bytes`);
}
