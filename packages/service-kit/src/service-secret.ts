import { textValue } from './environment-values.ts';

/** A secret that one service sends to another as a bearer credential. */
export const serviceSecret = textValue(256)
  .min(32, 'must be at least 32 characters')
  .regex(/^[\x21-\x7e]+$/, 'must consist of letters, digits and punctuation of ASCII, without spaces')
  .optional();
