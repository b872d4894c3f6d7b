/**
 * Splits chunks of bytes into lines without their line ends. A line longer than `lineMaxBytes` is an error, so that a
 * server that never ends a line cannot exhaust the memory.
 */
export function createLineSplitter(
  lineMaxBytes: number,
  onLine: (line: string) => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let bytes = 0;

  function keep(part: Buffer): void {
    bytes += part.length;
    if (bytes > lineMaxBytes) throw new RangeError(`a line is longer than ${lineMaxBytes} bytes`);
    parts.push(part);
  }

  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      bytes = 0;
      start = end + 1;
      if (line.trim() !== '') onLine(line);
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  };
}
