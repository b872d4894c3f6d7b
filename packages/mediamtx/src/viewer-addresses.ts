import { mediaPath } from '@camplane/contracts/camera-id';
import type { Endpoints } from '@camplane/contracts/camera-status';
import { urlValue } from '@camplane/service-kit/environment-values';

/** Base addresses of MediaMTX, or of the edge in front of it, as viewers reach them: `rtsp://127.0.0.1:8554`. */
export type ViewerAddresses = { rtsp: string; hls: string; webrtc: string };

/** For the environment of a service that publishes viewer addresses: see `defineEnvironment` of service-kit. */
export const viewerAddressVariables = {
  CAMPLANE_PUBLIC_RTSP_URL: {
    schema: urlValue(['rtsp', 'rtsps']),
    default: 'rtsp://127.0.0.1:8554',
    description: 'Base address of RTSP for viewers.',
  },
  CAMPLANE_PUBLIC_HLS_URL: {
    schema: urlValue(),
    default: 'http://127.0.0.1:8888',
    description: 'Base address of HLS for viewers.',
  },
  CAMPLANE_PUBLIC_WEBRTC_URL: {
    schema: urlValue(),
    default: 'http://127.0.0.1:8889',
    description: 'Base address of WebRTC for viewers.',
  },
};

type ViewerAddressValues = Readonly<Record<keyof typeof viewerAddressVariables, string>>;

export function viewerAddresses(values: ViewerAddressValues): ViewerAddresses {
  return {
    rtsp: values.CAMPLANE_PUBLIC_RTSP_URL,
    hls: values.CAMPLANE_PUBLIC_HLS_URL,
    webrtc: values.CAMPLANE_PUBLIC_WEBRTC_URL,
  };
}

/** The URLs at which MediaMTX serves the streams of a camera. */
export function endpointsOf(cameraId: string, hasSub: boolean, addresses: ViewerAddresses): Endpoints {
  const of = (path: string) => ({
    rtsp: `${addresses.rtsp}/${path}`,
    hls: `${addresses.hls}/${path}/index.m3u8`,
    webrtc: `${addresses.webrtc}/${path}`,
  });
  return { ...of(mediaPath(cameraId, 'main')), sub: hasSub ? of(mediaPath(cameraId, 'sub')) : null };
}
