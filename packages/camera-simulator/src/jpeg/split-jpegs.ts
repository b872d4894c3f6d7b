/** Splits concatenated JPEGs. Entropy-coded data holds no start marker, and the clips have no thumbnails. */
export function splitJpegs(bytes: Buffer): Buffer[] {
  const starts: number[] = [];
  const marker = Buffer.from([0xff, 0xd8, 0xff]);
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 3)) starts.push(at);
  return starts.map((start, index) => bytes.subarray(start, starts[index + 1] ?? bytes.length));
}
