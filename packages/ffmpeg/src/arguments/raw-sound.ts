/** Sound between two FFmpeg processes: 48 kHz, two channels, 16 bits, little endian. */
export const rawSoundRate = 48_000;
export const rawSoundSampleBytes = 4;

/** Format arguments of raw sound, for an input or output. */
export const rawSoundArguments: readonly string[] = ['-f', 's16le', '-ar', String(rawSoundRate), '-ac', '2'];
