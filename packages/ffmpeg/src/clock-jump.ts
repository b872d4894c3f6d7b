/**
 * Whether a line of FFmpeg's standard error reports that a camera's timestamps jumped by more than
 * `-dts_error_threshold` (FFmpeg 5.1 to 9). FFmpeg continues: 5.1 with estimated times, 9 with a time that stands still.
 */
export function isClockJump(line: string): boolean {
  return /\bDTS -?\d+, next:-?\d+ st:\d+ invalid dropping/.test(line);
}
