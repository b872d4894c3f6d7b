import { availableParallelism } from 'node:os';
import type { ChildLimits } from '@camplane/supervisor/child-process';

const gibibyte = 1024 ** 3;

/**
 * Limits of every FFmpeg that reads a camera's bytes, which may declare a picture of any size. Decoding 4K H.265 and encoding
 * it as H.264 takes 0.55 GiB on two cores (FFmpeg 5.1); each core adds threads, and each thread holds pictures.
 */
export const streamLimits: ChildLimits = { memoryBytes: gibibyte + (availableParallelism() * gibibyte) / 8 };

/** A probe takes seconds. */
export const probeLimits: ChildLimits = { ...streamLimits, cpuSeconds: 60 };
