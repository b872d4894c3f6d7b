/** Text without control characters: the set `\p{Cc}` as ranges, which other dialects of regular expressions support. */
// eslint-disable-next-line no-control-regex -- it matches control characters on purpose
export const withoutControlCharacters = /^[^\x00-\x1f\x7f-\x9f]*$/;
