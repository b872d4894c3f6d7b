import { access } from 'node:fs/promises';
import { StartupError } from '@camplane/service-kit/startup-error';

/** Where Debian, Alpine and Fedora install the font, in order of preference. */
const fonts: readonly string[] = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf',
];

/** The font of the slates. Throws StartupError with the package to install if it is missing. */
export async function findSlateFont(): Promise<string> {
  for (const font of fonts) {
    const found = await access(font).then(
      () => true,
      () => false,
    );
    if (found) return font;
  }
  throw new StartupError("the font for slates is not installed: run 'apt-get install fonts-dejavu-core'");
}
