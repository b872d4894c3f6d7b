const shownMs = 4_000;

/** Makes the one live region of the page for short confirmations: read out, and shown for a moment. */
export function createAnnouncer(document: Document): (message: string) => void {
  const region = document.createElement('div');
  region.className = 'toast';
  region.setAttribute('role', 'status');
  region.setAttribute('aria-live', 'polite');
  document.body.append(region);
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (message) => {
    clearTimeout(timer);
    region.textContent = message;
    timer = setTimeout(() => (region.textContent = ''), shownMs);
  };
}
