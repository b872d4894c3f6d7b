/** The typical Huffman tables for luminance (ITU-T T.81, tables K.3 and K.5): codes per length, and their values. */
export const dcCounts = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
export const dcValues = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
export const acCounts = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d];
export const acValues = [
  ...Buffer.from(
    [
      '01020300041105122131410613516107227114328191a1082342b1',
      'c11552d1f02433627282090a161718191a25262728292a34353637',
      '38393a434445464748494a535455565758595a636465666768696a',
      '737475767778797a838485868788898a92939495969798999aa2a3',
      'a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3',
      'd4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
    ].join(''),
    'hex',
  ),
];

/** Places of an 8×8 block in the order of coding (figure A.6). */
export const zigZag = Array.from({ length: 64 }, (_, place) => place).sort((a, b) => order(a) - order(b));

function order(place: number): number {
  const [row, column] = [place >> 3, place & 7];
  const diagonal = row + column;
  return diagonal * 8 + (diagonal % 2 === 0 ? column : row);
}
