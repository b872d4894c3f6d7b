/** Sound as it is handed from one FFmpeg to another: 48 kHz, two channels, 16 bits each, little end first. */
export const rawSoundRate = 48_000;
export const rawSoundSampleBytes = 4;

/** The format of raw sound, of an input or an output. */
export const rawSoundArguments: readonly string[] = ['-f', 's16le', '-ar', String(rawSoundRate), '-ac', '2'];
