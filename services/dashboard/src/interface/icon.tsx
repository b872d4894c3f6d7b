const paths = {
  user: 'M8 8.2a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM2.8 13.5c.5-2.5 2.6-3.7 5.2-3.7s4.7 1.2 5.2 3.7',
  plus: 'M8 3v10M3 8h10',
  play: 'M5 3.5v9l7.5-4.5z',
  stop: 'M4.5 4.5h7v7h-7z',
  edit: 'M3 13l.7-3L10.5 3.2a1.2 1.2 0 0 1 1.7 0l.6.6a1.2 1.2 0 0 1 0 1.7L6 12.3z',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5',
  back: 'M9.5 3.5L5 8l4.5 4.5',
  expand: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  sound: 'M2.5 6.2h2.3L8 3.5v9L4.8 9.8H2.5zM10.3 5.8a3 3 0 0 1 0 4.4M12 4a5.6 5.6 0 0 1 0 8',
  silent: 'M2.5 6.2h2.3L8 3.5v9L4.8 9.8H2.5zM10.5 6.2l3.2 3.6M13.7 6.2l-3.2 3.6',
  info: 'M8 7.2v4M8 4.9v.2M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z',
  copy: 'M6 5.5h7V13H6zM10 5.5V3H3v7.5h3',
  check: 'M3.5 8.5l3 3 6-7',
  forward: 'M6.5 3.5L11 8l-4.5 4.5',
  up: 'M8 13V3.5M4 7.5l4-4 4 4',
  filter: 'M2.5 4h11M4.5 8h7M6.5 12h3',
  download: 'M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13h10',
  wall: 'M2.5 3H7v4.2H2.5zM9 3h4.5v4.2H9zM2.5 9H7v4.2H2.5zM9 9h4.5v4.2H9z',
  eye: 'M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
} as const;

export type IconName = keyof typeof paths;

/** Decorative: hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
