import type { StreamQuality } from '@camplane/contracts/camera-id';
import { useApp } from '../app-context.tsx';
import { useBoxesShown } from '../boxes/boxes-canvas.tsx';
import { Icon } from '../interface/icon.tsx';
import { serverDelayHint, serverDelayText, transportNames } from '../player/play-wording.ts';
import type { Transport } from '../player/player-machine.ts';

type Props = {
  /** Null while nothing plays. */
  transport: Transport | null;
  latencyMs: number | null;
  hasSnapshot: boolean;
  /** Null without a sub stream. */
  quality: { value: StreamQuality; onChange: (to: StreamQuality) => void } | null;
  drawsBoxes: boolean;
  /** Null without audio. */
  sound: { muted: boolean; onChange: (muted: boolean) => void } | null;
  details: { shown: boolean; onChange: (shown: boolean) => void };
  onFullscreen: () => void;
};

/** What plays, and the controls below the video. */
export function StageBar(props: Props) {
  const { transport, latencyMs, hasSnapshot, quality, drawsBoxes, sound, details, onFullscreen } = props;
  return (
    <div className="stage-bar">
      <p className="stage-transport">
        {transport === null ? (
          <span className="muted">{hasSnapshot ? 'Latest snapshot' : 'No snapshot'}</span>
        ) : (
          <Playing transport={transport} latencyMs={latencyMs} />
        )}
      </p>
      {quality !== null && <QualitySwitch quality={quality.value} onChange={quality.onChange} />}
      {drawsBoxes && <BoxesSwitch />}
      {sound !== null && (
        <button
          type="button"
          className="button icon-button"
          onClick={() => sound.onChange(!sound.muted)}
          aria-pressed={!sound.muted}
        >
          <Icon name={sound.muted ? 'silent' : 'sound'} />
          <span className="visually-hidden">Sound</span>
        </button>
      )}
      <button
        type="button"
        className="button button-small"
        aria-expanded={details.shown}
        aria-controls="playback-details"
        onClick={() => details.onChange(!details.shown)}
      >
        <Icon name="info" />
        Details
      </button>
      <button type="button" className="button icon-button" onClick={onFullscreen} aria-label="Full screen">
        <Icon name="expand" />
      </button>
    </div>
  );
}

function Playing({ transport, latencyMs }: { transport: Transport; latencyMs: number | null }) {
  const delay = serverDelayText(latencyMs);
  return (
    <>
      <strong>{transportNames[transport]}</strong>
      {delay !== null && (
        <>
          {' · '}
          <span title={serverDelayHint}>{delay} from the media server</span>
        </>
      )}
    </>
  );
}

function BoxesSwitch() {
  const { boxesShown } = useApp();
  const shown = useBoxesShown();
  return (
    <button
      type="button"
      role="switch"
      aria-checked={shown}
      className="button button-small switch"
      onClick={() => boxesShown.set(!shown)}
    >
      Boxes
    </button>
  );
}

type QualityProps = { quality: StreamQuality; onChange: (to: StreamQuality) => void };

function QualitySwitch({ quality, onChange }: QualityProps) {
  const names = { main: 'Main', sub: 'Sub' } as const;
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">Stream quality</legend>
      {(['main', 'sub'] as const).map((one) => (
        <label key={one}>
          <input type="radio" name="quality" checked={quality === one} onChange={() => onChange(one)} />
          <span>{names[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}
