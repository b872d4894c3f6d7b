import type { ReactNode } from 'react';

/** A message in its place: an error is read out at once, other things when there is a pause. */
export function Notice({ tone, children }: { tone: 'error' | 'warning' | 'info'; children: ReactNode }) {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'error' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}
