import { sourceTemplates } from '@camplane/contracts/source-templates';
import { code, markdownTable, pageHead } from './markdown-table.ts';

/** docs/reference/camera-addresses.md: the addresses that the dashboard fills in. */
export function cameraAddressesPage(): string {
  const rows = sourceTemplates.map(({ maker, url, subUrl, hint, source }) => [
    `[${maker}](${source})`,
    code(shown(url)),
    code(shown(subUrl ?? '')),
    hint ?? '',
  ]);
  return `${pageHead('Camera addresses', '`packages/contracts/src/source-templates.ts`')}
Addresses of common cameras: the main stream, and a smaller one for the grid. The dashboard fills them in: **Add camera**,
**Address of a common camera**. \`N\` is the channel: the input of a recorder or the lens of a camera, usually 1. The
user and password are separate fields. Each maker links to the page that documents the address.

A camera that is not listed: look for “RTSP” in its manual. ONVIF defines no address; an ONVIF client, such as
ONVIF Device Manager, shows the one of your camera.

${markdownTable(['Maker', 'Main stream', 'Sub stream', 'Notes'], rows)}
`;
}

function shown(url: string): string {
  return url
    .replace('{host}', 'HOST')
    .replace('{channel}', 'N')
    .replace('{channel2}', '0N')
    .replace('{name}', 'NAME');
}
