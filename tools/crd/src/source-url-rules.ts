import { testPatterns } from '@camplane/contracts/source-url';
import type { CelRule } from './structural-schema.ts';

/**
 * `parseSourceUrl` of contracts as CEL rules, in the same order and with the same messages. Each rule accepts what an
 * earlier one rejects, so that an invalid URL causes one message. `matches` is not anchored (RE2), so every pattern is.
 * An integration test compares both for many URLs.
 */

const allowed = 'use rtsp://, rtsps://, http://, https://, v4l2:/dev/videoN, file:NAME or test:PATTERN';

// Printable ASCII without space, quotes, backslash, <, >, ^, {, | and }.
const character = String.raw`[!#-&(-;=?-\[\]_a-z~]`;
// The same without characters that end an authority (/ ? #) or split it (@).
const authorityCharacter = String.raw`[!$-&(-.0-;=A-\[\]_a-z~]`;
const pathCharacter = String.raw`[!$-&(-;=?-\[\]_a-z~]`;

const network = '(?i:rtsps?|https?)';
const anyScheme = '[a-zA-Z][a-zA-Z0-9+.-]*';
const end = '([/?]|$)';
const label = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?';
const number = '(0x[0-9a-f]*|[0-9]+)';
const portNumber = [
  ...['0{0,4}[1-9]', '0{0,3}[1-9][0-9]', '0{0,2}[1-9][0-9]{2}', '0?[1-9][0-9]{3}', '[1-5][0-9]{4}'],
  ...['6[0-4][0-9]{3}', '65[0-4][0-9]{2}', '655[0-2][0-9]', '6553[0-5]'],
].join('|');

const firstForbidden = `self.find(${quoted(`[^${character.slice(1)}`)})`;
const isPlain = matches(`^${character}+$`);
// Accepted by the rules before: a network scheme, an authority without a user, no fragment.
const isAddress = matches(`^${network}://${authorityCharacter}*([/?]${pathCharacter}*)?$`);
const isIpv4 = matches(String.raw`^${network}://[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(:[^/?]*)?${end}`);
const isBracketed = matches(String.raw`^${network}://\[`);
const isBareIpv6 = matches(String.raw`^${network}://(?i:[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*)${end}`);
const hasHost = `!${matches(`^${network}://([:/?]|$)`)}`;
const isShort = `self.find(${quoted('^[^:]*://[^/?:]*')}).size() <= self.find('^[^:]*://').size() + 253`;
const endsInNumber = matches(String.raw`^${network}://(?i:([^/?:]*\.)?${number}\.?)(:[^/?]*)?${end}`);
const isName = `${isAddress} && ${hasHost} && !${isBracketed} && !${isBareIpv6} && !${isIpv4}`;
const dotted = `self.find(${quoted('://[0-9.]+')}).substring(3)`;
const bracketed = `self.find(${quoted(String.raw`://\[[0-9a-fA-F:]+`)}).substring(4)`;
// ::a:b with a other than 0, however the zeros are written (RFC 4291, 2.5.5.1). The API server's IP
// functions reject IPv4-mapped IPv6 addresses (2.5.5.2).
const zero = '0{1,4}';
const notZero = '0{0,3}[1-9a-f][0-9a-f]{0,3}';
const isIpv4InIpv6 = matches(
  String.raw`^${network}://\[(?i:((${zero}(:${zero})*)?::(${zero}:)*|(${zero}:){6})${notZero}:[0-9a-f]{1,4}|(${zero}:){6}${notZero}::)\]`,
);

const isFile = `${isPlain} && ${matches('^(?i:file):')}`;
const isRelativeFile = `${isPlain} && ${matches('^(?i:file):([^/]|$)')}`;
const fileParts = '[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*';
const isCleanFile = matches(`^(?i:file):${fileParts}$`);

export const sourceUrlRules: CelRule[] = [
  { rule: `self != ''`, message: `must not be empty: ${allowed}` },
  {
    rule: `self == '' || ${isPlain}`,
    message: 'must hold printable ASCII only, no spaces, quotes or backslashes: percent-encode them',
    messageExpression: `${firstForbidden} == ' ' ? 'must not contain a space: percent-encode it' : ${firstForbidden}.matches('^[!-~]$') ? "must not contain '" + ${firstForbidden} + "': percent-encode it" : 'must not contain a control character or one that is not ASCII: percent-encode it'`,
  },
  {
    rule: `!${isPlain} || ${matches('^(?i:rtsps?|https?|v4l2|file|test):')}`,
    message: `scheme is not allowed: ${allowed}`,
    messageExpression: `(${matches(`^${anyScheme}:`)} ? "scheme '" + self.find(${quoted(`^${anyScheme.slice(0, -1)}{0,19}`)}).lowerAscii() + "' is not allowed" : 'has no scheme') + ': ${allowed}'`,
  },
  {
    rule: `!${isPlain} || !${matches(`^${network}:`)} || ${matches(`^${network}://`)}`,
    message: 'must continue with ://HOST after its scheme',
    messageExpression: `'must continue with ' + self.find(${quoted('^[a-zA-Z]+')}).lowerAscii() + '://HOST'`,
  },
  {
    rule: `!${isPlain} || !${matches(`^${network}://[^/?#]*@`)}`,
    message:
      'must not contain a user or password: give them as credentials, in the Secret that credentialsSecretRef names (keys username, password)',
  },
  {
    rule: `!${isPlain} || !${matches(`^${network}://[^/?#@]*([/?][^#]*)?#`)}`,
    message: "must not contain a fragment ('#…'): percent-encode it (%23) where it is part of the path",
  },
  {
    rule: `!${isAddress} || !${isBareIpv6}`,
    message: 'has an IPv6 address outside brackets: write [2001:db8::1]',
  },
  {
    rule: `!${isAddress} || ${isBareIpv6} || ${hasHost}`,
    message: 'has no host: write the name or address of the camera after ://',
  },
  {
    rule: `!${isAddress} || !${isIpv4} || isIP(${dotted})`,
    message: 'host is not a plain dotted IPv4 address (four numbers, 0–255)',
  },
  { rule: `!(${isName}) || ${isShort}`, message: 'host must be at most 253 characters' },
  {
    rule: `!(${isName} && ${isShort}) || !${endsInNumber}`,
    message: 'host ends in a number: write an IPv4 address as four dotted numbers',
  },
  {
    rule: `!(${isName} && ${isShort} && !${endsInNumber}) || ${matches(String.raw`^${network}://(?i:${label}(\.${label})*\.?)(:[^/?]*)?${end}`)}`,
    message:
      'host is not a valid host name: labels of letters, digits, hyphens and underscores, with dots between them',
  },
  {
    rule: `!${isAddress} || !${isBracketed} || (${matches(String.raw`^${network}://\[[0-9a-fA-F:]+\](:[^/?]*)?${end}`)} && isIP(${bracketed}) && !${isIpv4InIpv6})`,
    message:
      'host is not a plain IPv6 address: write [2001:db8::1] without a zone, and an IPv4 address as four dotted numbers without brackets',
  },
  {
    rule: `!${isAddress} || ${isBareIpv6} || !${matches(String.raw`^${network}://(\[[^/?\]]*\]|[^/?:\[]+):`)} || ${matches(String.raw`^${network}://(\[[^/?\]]*\]|[^/?:\[]+):(${portNumber})?${end}`)}`,
    message: 'port must be between 1 and 65535',
  },
  {
    rule: `!${isPlain} || !${matches('^(?i:v4l2):')} || ${matches('^(?i:v4l2):/dev/video[0-9]{1,3}$')}`,
    message: 'a v4l2 source must be v4l2:/dev/videoN',
  },
  {
    rule: `!(${isFile}) || ${isRelativeFile}`,
    message: 'a file source is relative to the media folder: write file:NAME, without a leading slash',
  },
  {
    rule: `!(${isRelativeFile}) || ${isCleanFile}`,
    message:
      'a file source may hold letters, digits, dot, hyphen and underscore, and no part may begin with a dot or hyphen',
  },
  {
    rule: `!${isCleanFile} || ${matches(String.raw`(?i:\.(mp4|mkv|mov|avi|ts|webm|mjpeg|h264|h265))$`)}`,
    message: 'a file source must end in .mp4, .mkv, .mov, .avi, .ts, .webm, .mjpeg, .h264 or .h265',
  },
  {
    rule: `!${isPlain} || !${matches('^(?i:test):')} || ${matches(`^(?i:test):(${testPatterns.join('|')})$`)}`,
    message: `a test source must be one of ${testPatterns.map((pattern) => `test:${pattern}`).join(', ')}`,
  },
];

function matches(pattern: string): string {
  return `self.matches(${quoted(pattern)})`;
}

/** A raw CEL string, without escape sequences. */
function quoted(pattern: string): string {
  if (pattern.includes("'")) throw new Error(`cannot be quoted: ${pattern}`);
  return `r'${pattern}'`;
}
