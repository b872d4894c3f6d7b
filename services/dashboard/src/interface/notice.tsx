import type { ReactNode } from 'react';

/** Errors are read out at once, other notices politely. */
export function Notice({ tone, children }: { tone: 'error' | 'warning' | 'info'; children: ReactNode }) {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'error' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}
