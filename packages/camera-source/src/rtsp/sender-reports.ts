/** What an RTCP sender report states (RFC 3550, 6.4.1), with what was received of its track. */
export type SenderReport = {
  ntpSeconds: number;
  rtpTimestamp: number;
  /** The timestamp of the last packet of the track, and its clock. */
  lastTimestamp: number;
  clockRate: number;
};

export type SenderReportFilter = {
  /** Whether the report of a track may be passed on. */
  accept(track: 'video' | 'audio', report: SenderReport): boolean;
};

/** Between the clocks of two tracks, and between two reports of one. */
const disagreementMaxSeconds = 2;

/**
 * Decides whether FFmpeg may use the sender reports of a camera to align sound and video. Reports of one track serve
 * nothing; if the tracks or two reports of a track disagree, none is used any more.
 */
export function createSenderReportFilter(): SenderReportFilter {
  const last = new Map<string, SenderReport>();
  let isTrusted = true;

  function isConsistent(
    before: SenderReport,
    { ntpSeconds, rtpTimestamp, clockRate }: SenderReport,
  ): boolean {
    const ticks = (rtpTimestamp - before.rtpTimestamp) | 0;
    return Math.abs(ntpSeconds - before.ntpSeconds - ticks / clockRate) <= disagreementMaxSeconds;
  }

  return {
    accept: (track, report) => {
      const before = last.get(track);
      if (before && !isConsistent(before, report)) isTrusted = false;
      last.set(track, report);
      const [video, audio] = [last.get('video'), last.get('audio')];
      if (!isTrusted || !video || !audio) return false;
      isTrusted = Math.abs(timeOf(video) - timeOf(audio)) <= reportIntervalMaxSeconds;
      return isTrusted;
    },
  };
}

/** The two reports that are compared can be so far apart. */
const reportIntervalMaxSeconds = 15;

/** The camera's time at the last packet of the track. */
function timeOf({ ntpSeconds, rtpTimestamp, lastTimestamp, clockRate }: SenderReport): number {
  return ntpSeconds + ((lastTimestamp - rtpTimestamp) | 0) / clockRate;
}
