import { describe, expect, it } from '@jest/globals';
import { createSenderReportFilter } from './sender-reports.ts';

const video = (ntpSeconds: number, seconds: number) => ({
  ntpSeconds,
  rtpTimestamp: seconds * 90_000,
  lastTimestamp: seconds * 90_000,
  clockRate: 90_000,
});
const audio = (ntpSeconds: number, seconds: number) => ({
  ntpSeconds,
  rtpTimestamp: seconds * 8000,
  lastTimestamp: seconds * 8000,
  clockRate: 8000,
});

describe('createSenderReportFilter', () => {
  it('accepts reports once both tracks have one', () => {
    const filter = createSenderReportFilter();
    expect(filter.accept('video', video(1000, 0))).toBe(false);
    expect(filter.accept('audio', audio(1001, 0))).toBe(true);
    expect(filter.accept('video', video(1005, 5))).toBe(true);
  });

  it('refuses reports of two clocks', () => {
    const filter = createSenderReportFilter();
    filter.accept('video', video(1000, 0));
    expect(filter.accept('audio', audio(5000, 0))).toBe(false);
    expect(filter.accept('video', video(1005, 5))).toBe(false);
  });

  it('refuses all reports after the clock of the camera was set', () => {
    const filter = createSenderReportFilter();
    filter.accept('video', video(1000, 0));
    filter.accept('audio', audio(1000, 0));
    expect(filter.accept('video', video(9000, 5))).toBe(false);
    expect(filter.accept('audio', audio(9000, 5))).toBe(false);
  });
});
