import { useEffect, useState } from 'react';

/** Keeps video playing while the user briefly switches tabs. */
const graceMs = 10_000;

/** Whether the page is visible; false only after it has been hidden for a while. */
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
