import { urlValue } from '@camplane/service-kit/environment-values';

/** Base addresses at which viewers reach MediaMTX, or the edge in front of it: `rtsp://127.0.0.1:8554`. */
export type ViewerAddresses = { rtsp: string; hls: string; webrtc: string };

/** For the environment of a service that tells viewers where to come: see `defineEnvironment` of service-kit. */
export const viewerAddressVariables = {
  CAMPLANE_PUBLIC_RTSP_URL: {
    schema: urlValue(['rtsp', 'rtsps']),
    default: 'rtsp://127.0.0.1:8554',
    description: 'RTSP address that viewers are told.',
  },
  CAMPLANE_PUBLIC_HLS_URL: {
    schema: urlValue(),
    default: 'http://127.0.0.1:8888',
    description: 'HLS address that viewers are told.',
  },
  CAMPLANE_PUBLIC_WEBRTC_URL: {
    schema: urlValue(),
    default: 'http://127.0.0.1:8889',
    description: 'WebRTC address that viewers are told.',
  },
};

type ViewerAddressValues = Readonly<Record<keyof typeof viewerAddressVariables, string>>;

/** What `viewerAddressVariables` say. */
export function viewerAddresses(values: ViewerAddressValues): ViewerAddresses {
  return {
    rtsp: values.CAMPLANE_PUBLIC_RTSP_URL,
    hls: values.CAMPLANE_PUBLIC_HLS_URL,
    webrtc: values.CAMPLANE_PUBLIC_WEBRTC_URL,
  };
}
