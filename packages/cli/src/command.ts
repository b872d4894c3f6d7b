import type { ParseArgsOptionsConfig } from 'node:util';
import type { Cluster } from './connect.ts';
import type { Output } from './output.ts';

export type CommandContext = {
  cluster: Cluster;
  /** Values of the command's `options`. */
  options: Readonly<Record<string, string | boolean | undefined>>;
  /** Positional arguments. */
  positionals: readonly string[];
  output: Output;
  /** Writes to standard error, so that a pipe contains only the result. */
  note(text: string): void;
  format: 'text' | 'json';
  now(): number;
  signal: AbortSignal;
  env: Readonly<Record<string, string | undefined>>;
};

export type Command = {
  name: string;
  /** `describe ID`. */
  usage: string;
  summary: string;
  /** Further lines for --help. Lines that start with two spaces are options. */
  details: readonly string[];
  options: ParseArgsOptionsConfig;
  positionals: { min: number; max: number };
  /** Whether it supports `--output json`. */
  json: boolean;
  /** @returns the exit code */
  run(context: CommandContext): Promise<number>;
};
