import type { Page } from 'playwright-core';

const findUnnamed = `
  [...document.querySelectorAll('input, select, textarea, button, a[href]')]
    .filter((element) => element.checkVisibility())
    .filter((element) => {
      const labelledBy = element.getAttribute('aria-labelledby');
      const named = labelledBy?.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('');
      const label = [...(element.labels ?? [])].map(({ textContent }) => textContent).join('');
      const own = element.matches('button, a') ? element.textContent : '';
      return [element.getAttribute('aria-label'), named, label, own].every((name) => !name?.trim());
    })
    .map(({ outerHTML }) => outerHTML.slice(0, 200))
`;

/** The visible controls of a page that a screen reader could not name. */
export function unnamedControls(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(findUnnamed);
}
