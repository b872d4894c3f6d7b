import { Icon } from '../interface/icon.tsx';
import { RouteLink } from '../routing/route-link.tsx';
import type { Tour } from './tour.ts';
import { tourIntervals, wallLayouts } from './wall-settings.ts';
import type { WallChoice } from './wall-settings.ts';

type Props = {
  choice: WallChoice;
  onChange: (change: Partial<WallChoice>) => void;
  page: number;
  pages: number;
  onTurn: (by: -1 | 1) => void;
  tour: Tour;
  onTour: () => void;
  arranging: boolean;
  onArrange: () => void;
  onFullscreen: () => void;
  /** What limits the tiles; '' if nothing does. */
  note: string;
};

/** The controls of the wall. */
export function WallBar(props: Props) {
  const { choice, onChange, page, pages, onTurn, arranging, onArrange, onFullscreen, note } = props;
  return (
    <header className="wall-bar">
      <RouteLink className="back" to={{ page: 'cameras' }} aria-label="All cameras">
        <Icon name="back" />
      </RouteLink>
      <h1>Wall</h1>
      <LayoutSwitch layout={choice.layout} onChange={(layout) => onChange({ layout })} />
      {pages > 1 && (
        <div className="wall-pages">
          <button
            type="button"
            className="button icon-button"
            aria-label="Previous page"
            onClick={() => onTurn(-1)}
          >
            <Icon name="back" />
          </button>
          <span role="status">
            <span className="visually-hidden">Page </span>
            {page + 1} of {pages}
          </span>
          <button
            type="button"
            className="button icon-button"
            aria-label="Next page"
            onClick={() => onTurn(1)}
          >
            <Icon name="forward" />
          </button>
        </div>
      )}
      {pages > 1 && <TourControls {...props} />}
      <p className="wall-note muted" title={note}>
        {note}
      </p>
      <button
        type="button"
        role="switch"
        aria-checked={arranging}
        className="button button-small switch"
        onClick={onArrange}
      >
        Arrange
      </button>
      <button type="button" className="button icon-button" onClick={onFullscreen} aria-label="Full screen">
        <Icon name="expand" />
      </button>
    </header>
  );
}

function LayoutSwitch({
  layout,
  onChange,
}: {
  layout: WallChoice['layout'];
  onChange: (to: WallChoice['layout']) => void;
}) {
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">Cameras on a page</legend>
      {wallLayouts.map((one) => (
        <label key={one}>
          <input type="radio" name="layout" checked={layout === one} onChange={() => onChange(one)} />
          <span>{one}</span>
        </label>
      ))}
    </fieldset>
  );
}

function TourControls({ tour, onTour, choice, onChange }: Props) {
  return (
    <div className="wall-tour">
      <button
        type="button"
        role="switch"
        aria-checked={tour.running}
        className="button button-small switch"
        onClick={onTour}
      >
        {tour.running && tour.pausedUntilMs !== null ? 'Tour paused' : 'Tour'}
      </button>
      <select
        aria-label="Time for each page of the tour"
        value={choice.tourSeconds}
        onChange={({ target }) => {
          const tourSeconds = tourIntervals.find((one) => String(one) === target.value);
          if (tourSeconds) onChange({ tourSeconds });
        }}
      >
        {tourIntervals.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds} s
          </option>
        ))}
      </select>
    </div>
  );
}
