import { access } from 'node:fs/promises';

/** Footage of Debian's package opencv-doc: 768×576, 10 fps, 79 s of people walking. */
const installed = '/usr/share/doc/opencv-doc/examples/data/vtest.avi';

/** The installed footage, or null. It is not part of the repository. */
export async function findFootage(): Promise<string | null> {
  return access(installed).then(
    () => installed,
    () => null,
  );
}
