import type { VideoMode } from '@camplane/contracts/camera';
import type { ProbeResult } from '@camplane/contracts/camera-http';
import { Facts } from '../interface/facts.tsx';
import { codecName } from '../player/media-stats.ts';
import { failureWording } from '../wording/phase.ts';
import { modeNames } from './mode-field.tsx';

type Props = { result: ProbeResult; mode: VideoMode; onUseMode: (mode: VideoMode) => void };

/** The result of a source test. */
export function ProbePanel({ result, mode, onUseMode }: Props) {
  if (!result.ok) {
    return (
      <div className="probe probe-failed">
        <p>
          <strong>{failureWording(result.reason) ?? 'The source test failed.'}</strong>
        </p>
        <p>{result.message}</p>
      </div>
    );
  }
  const { video, audio, picture, advice, suggestedMode } = result;
  const codec = codecName(video.codec) ?? video.codec;
  return (
    <div className="probe">
      {picture !== null && <img src={picture} alt="Frame from the source" />}
      <div>
        <p>
          <strong>The source works.</strong>
          {picture === null && ' No frame could be decoded in time.'}
        </p>
        <Facts
          items={[
            ['Video', video.profile === null ? codec : `${codec} (${video.profile})`],
            ['Size', `${video.width} × ${video.height}`],
            ['Frame rate', video.fps === null ? null : `${Number(video.fps.toFixed(2))} fps`],
            ['Sound', audio === null ? 'none' : `${audio.codec}, ${audio.sampleRate / 1000} kHz`],
          ]}
        />
        {advice.length > 0 && (
          <ul className="advice">
            {advice.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        {suggestedMode !== mode && !(suggestedMode === 'copy' && mode !== 'copy') && (
          <button type="button" className="button button-small" onClick={() => onUseMode(suggestedMode)}>
            Use {modeNames[suggestedMode].toLowerCase()}
          </button>
        )}
      </div>
    </div>
  );
}
