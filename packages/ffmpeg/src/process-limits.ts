import { availableParallelism } from 'node:os';
import type { ChildLimits } from '@camplane/supervisor/child-process';

/** What one FFmpeg may use, by its task. Processors are averages over 30 s, in cores. */
export type FfmpegLimits = {
  memoryBytes: number;
  /** Publishing video as the camera sends it. */
  copyCores: number;
  /** Decoding published video: JPEG frames and samples. */
  decodeCores: number;
  /** Each FFmpeg of modes `transcode` and `overlay`. */
  encodeCores: number;
};

export type FfmpegTask = 'copy' | 'decode' | 'encode' | 'probe';

const mebibyte = 1024 ** 2;

/**
 * A camera's bytes may declare a picture of any size. Decoding 4K H.265 and encoding it as H.264 takes 0.55 GiB on two
 * cores (FFmpeg 5.1); each core adds threads, and each thread holds pictures.
 */
const memoryMibDefault = 1024 + 128 * availableParallelism();

/** A probe takes seconds. */
const probeCpuSeconds = 60;

export function limitsOf(limits: FfmpegLimits, task: FfmpegTask): ChildLimits {
  const { memoryBytes, copyCores, decodeCores, encodeCores } = limits;
  switch (task) {
    case 'copy':
      return { memoryBytes, processor: { coresMax: copyCores } };
    case 'decode':
      return { memoryBytes, processor: { coresMax: decodeCores } };
    case 'encode':
      return { memoryBytes, processor: { coresMax: encodeCores } };
    case 'probe':
      return { memoryBytes, cpuSeconds: probeCpuSeconds };
  }
}

/** Limits from the environment variables that `ffmpegVariables` of service-kit declares. */
export function ffmpegLimitsFrom(env: {
  FFMPEG_MEMORY_MIB?: number | undefined;
  FFMPEG_COPY_CORES: number;
  FFMPEG_DECODE_CORES: number;
  FFMPEG_ENCODE_CORES: number;
}): FfmpegLimits {
  return {
    memoryBytes: (env.FFMPEG_MEMORY_MIB ?? memoryMibDefault) * mebibyte,
    copyCores: env.FFMPEG_COPY_CORES,
    decodeCores: env.FFMPEG_DECODE_CORES,
    encodeCores: env.FFMPEG_ENCODE_CORES,
  };
}

/** The limits without any of the variables. */
export const defaultFfmpegLimits: FfmpegLimits = ffmpegLimitsFrom({
  FFMPEG_COPY_CORES: 1,
  FFMPEG_DECODE_CORES: 2,
  FFMPEG_ENCODE_CORES: 4,
});
