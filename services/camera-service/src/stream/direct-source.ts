import { gatewayUrl } from '@camplane/camera-source/http/gateway-address';
import { startHttpGateway } from '@camplane/camera-source/http/http-gateway';
import type { HttpGateway } from '@camplane/camera-source/http/http-gateway';
import type { CameraResolver } from '@camplane/camera-source/network/camera-resolver';
import type { CameraSource } from '@camplane/contracts/source-url';
import type { RunFailure } from '@camplane/supervisor/run-failure';
import type { HttpGatewayInput, InputOptions } from '@camplane/ffmpeg/input';

/** A source that FFmpeg opens itself, at an address that was checked. */
export type DirectSource = {
  source: InputOptions['source'];
  gateway: HttpGatewayInput | null;
  /** Why the last request through the gateway failed; null if it has not, or without a gateway. */
  failure: HttpGateway['failure'];
  /** Resolves when the source leads to an address that is not permitted. */
  ended: Promise<RunFailure>;
  close(): Promise<void>;
};

/**
 * Pins the address of a source for FFmpeg: RTSP by the address instead of the name, HTTP by a gateway. Throws RunFailure
 * if no address is permitted.
 */
export async function openDirectSource(
  source: CameraSource,
  options: {
    resolver: CameraResolver;
    /** The address that has answered already. */
    address?: string | undefined;
    signal: AbortSignal;
  },
): Promise<DirectSource> {
  const { resolver, signal } = options;
  switch (source.kind) {
    case 'rtsp': {
      const address = options.address ?? (await firstAddress(source, resolver, signal));
      const host = address.includes(':') ? `[${address}]` : address;
      return { ...withoutGateway, source: { ...source, host } };
    }
    case 'http': {
      // Refused before FFmpeg is started.
      await resolver.resolve(source.host, source.port, signal);
      const gateway = await startHttpGateway(resolver);
      return {
        source,
        gateway: { proxyUrl: gateway.url, url: gatewayUrl(source) },
        failure: gateway.failure,
        ended: gateway.refused,
        close: gateway.close,
      };
    }
    default:
      return { ...withoutGateway, source };
  }
}

const withoutGateway = {
  gateway: null,
  failure: () => null,
  ended: new Promise<never>(() => undefined),
  close: () => Promise.resolve(),
};

/** Cameras that have both kinds of addresses are more likely to listen on that of IPv4. */
async function firstAddress(
  { host, port }: Extract<CameraSource, { kind: 'rtsp' }>,
  resolver: CameraResolver,
  signal: AbortSignal,
): Promise<string> {
  const { addresses } = await resolver.resolve(host, port, signal);
  return addresses.find((address) => !address.includes(':')) ?? addresses[0];
}
