import { useEffect, useState } from 'react';
import type { RefObject } from 'react';

/** A tile that scrolls past quickly is not worth a connection. */
const settleMs = 150;

/** Whether some part of an element is in the viewport, and has been for a moment. */
export function useOnScreen(element: RefObject<Element | null>): boolean {
  const [onScreen, setOnScreen] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const observer = new IntersectionObserver((entries) => {
      clearTimeout(timer);
      if (entries.at(-1)?.isIntersecting === true) timer = setTimeout(() => setOnScreen(true), settleMs);
      else setOnScreen(false);
    });
    observer.observe(element.current);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [element]);
  return onScreen;
}
