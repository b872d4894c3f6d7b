import { generateKeyPairSync, sign } from 'node:crypto';

/** A self-signed certificate for `camera`, in PEM (RFC 5280, with the fewest fields). */
export function selfSignedCertificate(kind: 'self-signed' | 'expired'): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [from, to] =
    kind === 'expired' ? ['140101000000Z', '150101000000Z'] : ['240101000000Z', '440101000000Z'];
  const name = sequence(set(sequence(oid(0x55, 4, 3), tagged(0x0c, Buffer.from('camera')))));
  // sha256WithRSAEncryption
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11), tagged(5, Buffer.alloc(0)));
  const body = sequence(
    tagged(2, Buffer.from([1])),
    algorithm,
    name,
    sequence(tagged(0x17, Buffer.from(from)), tagged(0x17, Buffer.from(to))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]);
  const certificate = sequence(body, algorithm, tagged(3, signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}

/** DER (ITU-T X.690, section 8.1): tag, length, content. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function set(...parts: Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(parts));
}

function oid(...bytes: number[]): Buffer {
  return tagged(6, Buffer.from(bytes));
}
