import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

export type TestBrowser = { readonly browser: Browser; newPage(): Promise<Page>; close(): Promise<void> };

/**
 * Starts Debian's Chromium without a window, with a profile of its own that is removed at its end.
 *
 * @param options.hosts addresses of host names, where no name server has them
 */
export async function startChromium(
  options: { executablePath?: string; hosts?: Readonly<Record<string, string>> } = {},
): Promise<TestBrowser> {
  const rules = Object.entries(options.hosts ?? {}).map(([name, address]) => `MAP ${name} ${address}`);
  const browser = await chromium.launch({
    executablePath: options.executablePath ?? '/usr/bin/chromium',
    headless: true,
    args: [
      // As root there is no sandbox; the pages are the tests' own.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      // Candidates with addresses instead of mDNS names, which have nobody to resolve them here.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(', ')}`] : []),
    ],
  });
  return { browser, newPage: () => browser.newPage(), close: () => browser.close() };
}
