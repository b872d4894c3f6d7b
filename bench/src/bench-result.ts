/** What one bench measured; `id` is its row in the targets. */
export type BenchResult = {
  id: string;
  title: string;
  rows: BenchRow[];
  notes: string[];
};

/** `ratio` is `value / control`, the control measured in the same run; `met` is left out where nothing is promised. */
export type BenchRow = {
  name: string;
  value: number;
  unit: string;
  control?: number;
  ratio?: number;
  target?: string;
  met?: boolean;
};
