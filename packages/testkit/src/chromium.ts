import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

export type TestBrowser = { readonly browser: Browser; newPage(): Promise<Page>; close(): Promise<void> };

/** Starts Debian's Chromium without a window, with a profile of its own that is removed at its end. */
export async function startChromium(options: { executablePath?: string } = {}): Promise<TestBrowser> {
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
    ],
  });
  return { browser, newPage: () => browser.newPage(), close: () => browser.close() };
}
