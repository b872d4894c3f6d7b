/** The result of one bench; `id` is its row in the targets. */
export type BenchResult = {
  id: string;
  title: string;
  rows: BenchRow[];
  notes: string[];
};

/** `ratio` is `value / control`, with the control from the same run; `met` is omitted without a target. */
export type BenchRow = {
  name: string;
  value: number;
  unit: string;
  control?: number;
  ratio?: number;
  target?: string;
  met?: boolean;
};
