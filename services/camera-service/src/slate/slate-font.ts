import { access } from 'node:fs/promises';
import { StartupError } from '@camplane/service-kit/startup-error';

/** Fonts that Debian, Alpine and Fedora install, in the order in which they are tried. */
const fonts: readonly string[] = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf',
];

/** The font of the slates; throws an error that says what to install where there is none. */
export async function findSlateFont(): Promise<string> {
  for (const font of fonts) {
    const found = await access(font).then(
      () => true,
      () => false,
    );
    if (found) return font;
  }
  throw new StartupError("the font of the slates is not installed: run 'apt-get install fonts-dejavu-core'");
}
