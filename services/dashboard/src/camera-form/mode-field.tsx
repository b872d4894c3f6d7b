import type { VideoMode } from '@camplane/contracts/camera';
import { fieldId } from './field.tsx';

export const modeNames: Record<VideoMode, string> = {
  copy: 'Copy',
  transcode: 'Transcode',
  overlay: 'Overlay',
};

const modes: readonly (readonly [VideoMode, string])[] = [
  ['copy', 'Passes H.264 through unchanged. Lowest CPU use and delay.'],
  ['transcode', 'Converts video that browsers cannot play (H.265, MJPEG, B-frames) to H.264.'],
  ['overlay', 'Draws the time, boxes and privacy masks into the video. Converts to H.264.'],
];

export function ModeField({ mode, onChange }: { mode: VideoMode; onChange: (mode: VideoMode) => void }) {
  return (
    <fieldset className="choices">
      <legend>Mode</legend>
      {modes.map(([value, explanation], index) => (
        <label key={value}>
          <input
            id={index === 0 ? fieldId('mode') : undefined}
            type="radio"
            name="mode"
            checked={mode === value}
            onChange={() => onChange(value)}
          />
          <span>
            <strong>{modeNames[value]}</strong>
            <span className="field-hint">{explanation}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
