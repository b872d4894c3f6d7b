/** One report of FFmpeg's `-progress`: a block of `key=value` lines that ends with a line `progress=`. */
export type ProgressReport = {
  /** Video frames written so far; packets for copied video. */
  frame: number;
  /** True in the last report. */
  ended: boolean;
};

const lineMaxLength = 1024;

export function createProgressParser(onReport: (report: ProgressReport) => void): {
  push(chunk: Buffer): void;
} {
  let rest = '';
  let frame = 0;
  return {
    push(chunk) {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = (lines.pop() ?? '').slice(-lineMaxLength);
      for (const line of lines) {
        const [key, value = ''] = line.split('=', 2);
        if (key === 'frame') frame = Number.parseInt(value, 10) || 0;
        if (key === 'progress') onReport({ frame, ended: value.trim() === 'end' });
      }
    },
  };
}
