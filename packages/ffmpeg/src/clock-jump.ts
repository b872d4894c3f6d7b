/** This number of pictures in a row that go back in time is a jump; a few are a lost or late packet. */
const backwardMaxDefault = 25;

/**
 * Finds jumps of a camera's timestamps in FFmpeg's standard error (5.1 to 9), from which FFmpeg does not recover: above
 * `-dts_error_threshold` 5.1 continues with estimated times and 9 with a time that stands still; below it, all pictures
 * get the same time until the camera's has caught up.
 *
 * @param options.backwardMax Infinity for a source whose pictures may go back in time all along, such as B-frames
 */
export function createClockWatch(options: { backwardMax?: number } = {}): (line: string) => boolean {
  let backward = 0;
  return (line) => {
    if (/\bDTS -?\d+, next:-?\d+ st:\d+ invalid dropping/.test(line)) return true;
    // "Non-monotonous" until FFmpeg 6.
    if (!/Non-monoton(ous|ic) DTS/.test(line)) return false;
    backward += 1;
    return backward >= (options.backwardMax ?? backwardMaxDefault);
  };
}
