import type { ParseArgsOptionsConfig } from 'node:util';
import type { Cluster } from './connect.ts';
import type { Output } from './output.ts';

export type CommandContext = {
  cluster: Cluster;
  /** The command's own options, checked against its `options`. */
  options: Readonly<Record<string, string | boolean | undefined>>;
  /** As many as the command takes. */
  words: readonly string[];
  output: Output;
  /** What is said besides the answer: to the error stream, so that a pipe holds the answer alone. */
  aside(text: string): void;
  format: 'text' | 'json';
  now(): number;
  signal: AbortSignal;
};

export type Command = {
  name: string;
  /** `describe ID`. */
  usage: string;
  summary: string;
  /** More for --help: lines with two spaces before them are options. */
  details: readonly string[];
  options: ParseArgsOptionsConfig;
  words: { min: number; max: number };
  /** Whether `--output json` has a meaning. */
  json: boolean;
  /** @returns the exit code */
  run(context: CommandContext): Promise<number>;
};
