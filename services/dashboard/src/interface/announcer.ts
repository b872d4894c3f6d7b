const shownMs = 4_000;

/** Creates the page's live region for short confirmations, which are read out and shown briefly. */
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
