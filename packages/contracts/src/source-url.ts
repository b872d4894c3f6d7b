/**
 * The allow-list of camera sources. The FFmpeg argument builders accept only this parsed form, so that unparsed text
 * never reaches a process.
 */
export type CameraSource =
  | { kind: 'rtsp'; secure: boolean; host: string; port: number; path: string }
  | { kind: 'http'; secure: boolean; host: string; port: number; path: string }
  | { kind: 'v4l2'; device: string }
  | { kind: 'file'; path: string }
  | { kind: 'test'; pattern: TestPattern };

/** Test patterns that FFmpeg generates. */
export const testPatterns = ['testsrc', 'testsrc2', 'smptebars', 'mandelbrot'] as const;
export type TestPattern = (typeof testPatterns)[number];

const fileExtensions = ['mp4', 'mkv', 'mov', 'avi', 'ts', 'webm', 'mjpeg', 'h264', 'h265'];

export type SourceUrlResult = { ok: true; source: CameraSource } | { ok: false; reason: string };

export const sourceUrlMaxLength = 2048;

const allowed = 'use rtsp://, rtsps://, http://, https://, v4l2:/dev/videoN, file:NAME or test:PATTERN';
const defaultPorts = { rtsp: 554, rtsps: 322, http: 80, https: 443 } as const;

/**
 * A regular expression that every accepted URL matches, for JSON Schema. It uses character classes and groups only, which
 * every dialect supports.
 */
export const sourceUrlPattern = shapeOfSourceUrl();

/** Parses the source URL of a camera. A refusal says what to write instead. */
export function parseSourceUrl(text: string): SourceUrlResult {
  if (text.length === 0) return refuse(`must not be empty: ${allowed}`);
  if (text.length > sourceUrlMaxLength) return refuse(`must be at most ${sourceUrlMaxLength} characters`);
  // Printable ASCII without spaces, quotes and backslashes, which FFmpeg lists and options interpret.
  const forbidden = /[^\x21-\x7e]|["'`\\<>^{}|]/.exec(text);
  if (forbidden) return refuse(`must not contain ${describeCharacter(forbidden[0])}: percent-encode it`);
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'rtsp':
    case 'rtsps':
    case 'http':
    case 'https':
      return parseNetworkSource(text, scheme);
    case 'v4l2':
      return parseDevice(text.slice('v4l2:'.length));
    case 'file':
      return parseFile(text.slice('file:'.length));
    case 'test':
      return parsePattern(text.slice('test:'.length));
    case undefined:
      return refuse(`has no scheme: ${allowed}`);
    default:
      return refuse(`scheme '${scheme.slice(0, 20)}' is not allowed: ${allowed}`);
  }
}

function parseNetworkSource(text: string, scheme: keyof typeof defaultPorts): SourceUrlResult {
  if (!text.slice(scheme.length).startsWith('://')) return refuse(`must continue with ${scheme}://HOST`);
  const authority = text.slice(scheme.length + 3).split(/[/?#]/, 1)[0] ?? '';
  if (authority.includes('@')) {
    return refuse('must not contain a user or password: give them as credentials (username, password)');
  }
  if (text.includes('#')) return refuse("must not contain a fragment ('#…')");
  const parts = splitAuthority(authority.toLowerCase());
  if (!parts) return refuse('has an IPv6 address outside brackets: write [2001:db8::1]');
  const reason = refusalOfHost(parts.host);
  if (reason !== null) return refuse(reason);
  const port = parts.port === '' ? defaultPorts[scheme] : Number(parts.port);
  if (!/^\d{0,5}$/.test(parts.port) || port < 1 || port > 65535) {
    return refuse('port must be between 1 and 65535');
  }
  // Not normalized: some cameras need the path as written.
  const path = text.slice(scheme.length + 3 + authority.length);
  return {
    ok: true,
    source: {
      kind: scheme.startsWith('rtsp') ? 'rtsp' : 'http',
      secure: scheme.endsWith('s'),
      host: parts.host,
      port,
      path: path.startsWith('/') ? path : `/${path}`,
    },
  };
}

/** Host and port as written; undefined for an IPv6 address without brackets. */
function splitAuthority(authority: string): { host: string; port: string } | undefined {
  const bracketed = /^(\[[^\]]*\])(?::(.*))?$/.exec(authority);
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] ?? '' };
  if (authority.startsWith('[')) return { host: authority, port: '' };
  const [host = '', ...ports] = authority.split(':');
  if (ports.length > 1 && /^[0-9a-f:.]*$/.test(authority)) return undefined;
  return { host, port: ports.join(':') };
}

/**
 * Null if the host is accepted. Other spellings of an address (decimal, octal, hexadecimal, short, IPv4-mapped) are
 * refused: they only serve to evade a reader or a network policy.
 */
function refusalOfHost(host: string): string | null {
  if (host === '') return 'has no host';
  if (host.startsWith('[')) return refusalOfIpv6(host);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
    const plain = host.split('.').every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
    return plain ? null : 'host is not a plain dotted IPv4 address (four numbers, 0–255)';
  }
  if (host.length > 253) return 'host must be at most 253 characters';
  const labels = (host.endsWith('.') ? host.slice(0, -1) : host).split('.');
  // Resolvers and URL parsers read these as an IPv4 address (WHATWG URL, "ends in a number").
  if (/^(0x[0-9a-f]*|\d+)$/.test(labels.at(-1) ?? '')) {
    return 'host ends in a number: write an IPv4 address as four dotted numbers';
  }
  const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
  return labels.every((part) => label.test(part)) ? null : 'host is not a valid host name';
}

function refusalOfIpv6(host: string): string | null {
  if (host.includes('%')) return 'IPv6 zone ids are not allowed in the host';
  if (!/^\[[0-9a-f:.]+\]$/.test(host) || !URL.canParse(`http://${host}/`)) {
    return 'host is not a valid IPv6 address';
  }
  // IPv4-mapped and IPv4-compatible addresses (RFC 4291, 2.5.5), as the URL parser writes them.
  const isIpv4 = /^\[::(ffff:)?[0-9a-f]{1,4}:[0-9a-f]{1,4}\]$/.test(new URL(`http://${host}/`).hostname);
  if (host.includes('.') || isIpv4) {
    return 'host is an IPv4 address inside an IPv6 one: write it as four dotted numbers';
  }
  return null;
}

function parseDevice(device: string): SourceUrlResult {
  if (!/^\/dev\/video\d{1,3}$/.test(device)) return refuse('a v4l2 source must be v4l2:/dev/videoN');
  return { ok: true, source: { kind: 'v4l2', device } };
}

/** Relative to the media folder of the service, which only its configuration sets. */
function parseFile(path: string): SourceUrlResult {
  if (path.startsWith('/')) {
    return refuse('a file source is relative to the media folder: write file:NAME, without a leading slash');
  }
  const segments = path.split('/');
  if (!segments.every((part) => /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(part))) {
    return refuse(
      'a file source may hold letters, digits, dot, hyphen and underscore, and no part may begin with a dot or hyphen',
    );
  }
  if (!fileExtensions.some((extension) => path.toLowerCase().endsWith(`.${extension}`))) {
    return refuse('a file source must end in .mp4, .mkv, .mov, .avi, .ts, .webm, .mjpeg, .h264 or .h265');
  }
  return { ok: true, source: { kind: 'file', path } };
}

function parsePattern(name: string): SourceUrlResult {
  const pattern = testPatterns.find((known) => known === name);
  if (!pattern)
    return refuse(`a test source must be one of ${testPatterns.map((p) => `test:${p}`).join(', ')}`);
  return { ok: true, source: { kind: 'test', pattern } };
}

/** The URL that FFmpeg opens for a network source, without credentials. */
export function sourceToUrl(source: Extract<CameraSource, { kind: 'rtsp' | 'http' }>): string {
  const scheme = `${source.kind}${source.secure ? 's' : ''}`;
  return `${scheme}://${source.host}:${source.port}${source.path}`;
}

function shapeOfSourceUrl(): string {
  const scheme = (name: string) => name.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
  const octet = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
  const label = '[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?';
  // The last label is not a number: see refusalOfHost.
  const lastLabel = '(([A-Za-z_]|[0-9][0-9-]*[A-Za-z_])([A-Za-z0-9_-]*[A-Za-z0-9_])?|[0-9]+-[0-9-]*[0-9])';
  const host = `(${octet}([.]${octet}){3}|(${label}[.])*${lastLabel}[.]?|\\[${shapeOfIpv6()}\\])`;
  const port =
    '(0{0,4}[1-9]|0{0,3}[1-9][0-9]|0{0,2}[1-9][0-9]{2}|0?[1-9][0-9]{3}|[1-5][0-9]{4}|' +
    '6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';
  const rest = '([/?][!$-&(-;=?-\\[\\]_a-z~]*)?';
  const network = `(${scheme('rtsp')}|${scheme('http')})[Ss]?://${host}(:${port}?)?${rest}`;
  const name = '[A-Za-z0-9_][A-Za-z0-9_.-]*';
  const shapes = [
    network,
    `${scheme('v4l2')}:/dev/video[0-9]{1,3}`,
    `${scheme('file')}:(${name}/)*${name}[.](${fileExtensions.map(scheme).join('|')})`,
    `${scheme('test')}:(${testPatterns.join('|')})`,
  ];
  return `^(${shapes.join('|')})$`;
}

/** Without the forms that end in an IPv4 address: see refusalOfIpv6. */
function shapeOfIpv6(): string {
  const group = '[0-9A-Fa-f]{1,4}';
  const beforeGap = [1, 2, 3, 4, 5, 6].map((groups) => `(${group}:){${groups}}(:${group}){1,${7 - groups}}`);
  const notFfff =
    '([0-9A-Fa-f]{1,3}|[0-9A-Ea-e][0-9A-Fa-f]{3}|[Ff][0-9A-Ea-e][0-9A-Fa-f]{2}|' +
    '[Ff]{2}[0-9A-Ea-e][0-9A-Fa-f]|[Ff]{3}[0-9A-Ea-e])';
  const afterGap = `::((0{1,4}:)?${group}|${notFfff}(:${group}){2}|${group}(:${group}){3,6})?`;
  return `((${group}:){7}${group}|(${group}:){7}:|${beforeGap.join('|')}|(${group}:){1,6}:|${afterGap})`;
}

function refuse(reason: string): SourceUrlResult {
  return { ok: false, reason };
}

function describeCharacter(character: string): string {
  if (character === ' ') return 'a space';
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || code > 0x7e
    ? `the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    : `'${character}'`;
}
