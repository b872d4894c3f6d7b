import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

export type TestBrowser = { readonly browser: Browser; newPage(): Promise<Page>; close(): Promise<void> };

/**
 * Starts Debian's Chromium, headless, with a temporary profile.
 *
 * @param options.hosts addresses of host names that DNS does not have
 * @param options.anyCertificate accepts certificates of unknown authorities
 */
export async function startChromium(
  options: {
    executablePath?: string;
    hosts?: Readonly<Record<string, string>>;
    anyCertificate?: boolean;
  } = {},
): Promise<TestBrowser> {
  const rules = Object.entries(options.hosts ?? {}).map(([name, address]) => `MAP ${name} ${address}`);
  const browser = await chromium.launch({
    executablePath: options.executablePath ?? '/usr/bin/chromium',
    headless: true,
    args: [
      // Chromium has no sandbox as root; the pages belong to the tests.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      // ICE candidates with addresses instead of mDNS names, which cannot be resolved here.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(', ')}`] : []),
    ],
  });
  const context = { ignoreHTTPSErrors: options.anyCertificate ?? false };
  return { browser, newPage: () => browser.newPage(context), close: () => browser.close() };
}
