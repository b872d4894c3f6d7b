import { useEffect, useState } from 'react';

/** Someone who looks at another tab for a moment finds the picture still playing. */
const graceMs = 10_000;

/** Whether the page is in front; false only after it was hidden for a while. */
export function usePageShown(): boolean {
  const [shown, setShown] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(() => setShown(false), graceMs);
      else setShown(true);
    };
    changed();
    document.addEventListener('visibilitychange', changed);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', changed);
    };
  }, []);
  return shown;
}
