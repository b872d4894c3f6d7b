import type { ReactNode } from 'react';

type Props = {
  items: readonly (readonly [name: string, value: ReactNode])[];
  className?: string;
  /** Shown when no item has a value. */
  empty?: string;
};

/** Names and values. Items without a value are omitted. */
export function Facts({ items, className = '', empty }: Props) {
  const known = items.filter(([, value]) => value !== null && value !== undefined && value !== '');
  if (known.length === 0) return empty === undefined ? null : <p className="muted">{empty}</p>;
  return (
    <dl className={`facts ${className}`}>
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
