import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createProgressParser } from './progress.ts';
import type { ProgressReport } from './progress.ts';

/** Output of FFmpeg 5.1 when copying video. */
const output = [
  'frame=0',
  'fps=0.00',
  'bitrate=N/A',
  'out_time_ms=0',
  'drop_frames=0',
  'speed=   0x',
  'progress=continue',
]
  .concat([
    'frame=12',
    'fps=22.31',
    'bitrate=N/A',
    'out_time_ms=560011',
    'drop_frames=0',
    'speed=1.1x',
    'progress=continue',
  ])
  .concat(['frame=61', 'fps=24.00', 'out_time=00:00:02.600011', 'progress=end', ''])
  .join('\n');

function parse(chunks: string[]): ProgressReport[] {
  const reports: ProgressReport[] = [];
  const parser = createProgressParser((report) => reports.push(report));
  for (const chunk of chunks) parser.push(Buffer.from(chunk));
  return reports;
}

describe('createProgressParser', () => {
  it('reads the reports for any chunking', () => {
    const expected = [
      { frame: 0, ended: false },
      { frame: 12, ended: false },
      { frame: 61, ended: true },
    ];
    expect(parse([output])).toEqual(expected);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: output.length }), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), output.length];
        expect(parse(places.slice(1).map((end, i) => output.slice(places[i], end)))).toEqual(expected);
      }),
    );
  });

  it('counts no frames for unreadable input', () => {
    expect(
      parse(['frame=N/A\nprogress=continue\n', '\n=\nspeed\nframe\n', 'x'.repeat(100_000), '\n']),
    ).toEqual([{ frame: 0, ended: false }]);
  });
});
