import type { VideoMode } from '@camplane/contracts/camera';
import type { ProbeResult } from '@camplane/contracts/camera-http';
import { consequenceNames, probeFacts } from '@camplane/contracts/probe-facts';
import { Facts } from '../interface/facts.tsx';
import { failureWording } from '../wording/phase.ts';
import { modeNames } from './mode-field.tsx';

type Props = { result: ProbeResult; mode: VideoMode; onUseMode: (mode: VideoMode) => void };

/** The result of a source test: problems first, then what the source sends and what follows. */
export function ProbePanel({ result, mode, onUseMode }: Props) {
  if (!result.ok) {
    const { reason, message, suggestedMode } = result;
    const wording = suggestedMode === null ? failureWording(reason) : null;
    return (
      <div className="probe probe-failed">
        <p>
          <strong>{wording ?? 'The source does not run like this.'}</strong>
        </p>
        <p>{message}</p>
        {suggestedMode !== null && suggestedMode !== mode && (
          <UseMode mode={suggestedMode} onUseMode={onUseMode} />
        )}
      </div>
    );
  }
  const { picture, advice, consequences, suggestedMode } = result;
  const asksForMode = suggestedMode !== mode && !(suggestedMode === 'copy' && mode !== 'copy');
  return (
    <div className={advice.length === 0 ? 'probe' : 'probe probe-warned'}>
      {advice.length > 0 && (
        <div className="probe-wide">
          <p>
            <strong>The source works, with limits:</strong>
          </p>
          <ul className="advice">
            {advice.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
          {asksForMode && <UseMode mode={suggestedMode} onUseMode={onUseMode} />}
        </div>
      )}
      {picture !== null && <img src={picture} alt="Frame from the source" />}
      <div>
        {advice.length === 0 && (
          <p>
            <strong>The source works.</strong>
          </p>
        )}
        {picture === null && <p>No frame could be decoded in time.</p>}
        <Facts items={probeFacts(result)} className="probe-facts" />
      </div>
      {consequences.length > 0 && (
        <details className="probe-wide">
          <summary>Browsers, HomeKit, detection and cost</summary>
          <Facts
            items={consequences.map(({ about, text }) => [consequenceNames[about], text] as const)}
            className="probe-consequences"
          />
        </details>
      )}
    </div>
  );
}

function UseMode({ mode, onUseMode }: Pick<Props, 'mode' | 'onUseMode'>) {
  return (
    <div className="button-row">
      <button type="button" className="button button-small" onClick={() => onUseMode(mode)}>
        Use {modeNames[mode].toLowerCase()}
      </button>
    </div>
  );
}
