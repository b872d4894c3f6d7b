/**
 * Addresses of common cameras. In `url` and `subUrl`, `{host}` is the host, `{channel}` the number of the lens or of the
 * recorder's input, `{channel2}` the same with two digits, `{name}` a text that `name` asks for.
 */
export type SourceTemplate = {
  id: string;
  maker: string;
  url: string;
  /** Null if the maker documents no smaller stream. */
  subUrl: string | null;
  /** Label and example of `{name}`. */
  name?: { label: string; example: string };
  /** What to switch on or look up in the camera. */
  hint?: string;
  /** The public page that documents the address. */
  source: string;
};

export const sourceTemplates: readonly SourceTemplate[] = [
  {
    id: 'amcrest',
    maker: 'Amcrest',
    url: 'rtsp://{host}:554/cam/realmonitor?channel={channel}&subtype=0',
    subUrl: 'rtsp://{host}:554/cam/realmonitor?channel={channel}&subtype=1',
    source: 'https://github.com/AlexxIT/go2rtc/blob/master/internal/rtsp/README.md',
  },
  {
    id: 'android-ip-webcam',
    maker: 'Android IP Webcam',
    url: 'http://{host}:8080/video',
    subUrl: null,
    hint: 'Start the server in the app.',
    source: 'https://github.com/home-assistant-libs/pydroid-ipcam',
  },
  {
    id: 'axis',
    maker: 'Axis',
    url: 'rtsp://{host}:554/axis-media/media.amp?videocodec=h264&camera={channel}',
    subUrl: 'rtsp://{host}:554/axis-media/media.amp?videocodec=h264&camera={channel}&resolution=640x480',
    source:
      'https://developer.axis.com/video-streaming-and-recording/video-streaming/reference/rtsp-endpoints/',
  },
  {
    id: 'bosch',
    maker: 'Bosch',
    url: 'rtsp://{host}:554/?line={channel}&inst=1',
    subUrl: 'rtsp://{host}:554/?line={channel}&inst=2',
    source:
      'https://knowledge.keenfinity-group.com/video-systems/article/how-is-rtsp-usage-supported-with-bosch-vip-devices',
  },
  {
    id: 'dahua',
    maker: 'Dahua',
    url: 'rtsp://{host}:554/cam/realmonitor?channel={channel}&subtype=0',
    subUrl: 'rtsp://{host}:554/cam/realmonitor?channel={channel}&subtype=1',
    source: 'https://github.com/AlexxIT/go2rtc/blob/master/internal/rtsp/README.md',
  },
  {
    id: 'esp32-cam',
    maker: 'ESP32-CAM',
    url: 'http://{host}:81/stream',
    subUrl: null,
    hint: 'For the example CameraWebServer of Espressif. It serves one viewer at a time.',
    source: 'https://github.com/espressif/arduino-esp32/tree/master/libraries/ESP32/examples/Camera',
  },
  {
    id: 'foscam',
    maker: 'Foscam',
    url: 'rtsp://{host}:88/videoMain',
    subUrl: 'rtsp://{host}:88/videoSub',
    hint: 'Newer models use port 554: see Settings, Network, Port in the camera.',
    source: 'https://www.foscam.com/faqs/view.html?id=81',
  },
  {
    id: 'go2rtc',
    maker: 'Frigate or go2rtc',
    url: 'rtsp://{host}:8554/{name}',
    subUrl: null,
    name: { label: 'Stream name', example: 'front_door' },
    hint: 'The name of the stream under go2rtc in its configuration.',
    source: 'https://docs.frigate.video/configuration/restream/',
  },
  {
    id: 'hanwha',
    maker: 'Hanwha (Wisenet)',
    url: 'rtsp://{host}:554/profile2/media.smp',
    subUrl: null,
    hint: 'Profile 2 is H.264 by default. See the video profiles in the camera for the number of a smaller one.',
    source: 'https://support.hanwhavision.eu/hc/en-gb/articles/4414178841746-RTSP-URLs',
  },
  {
    id: 'hikvision',
    maker: 'Hikvision',
    url: 'rtsp://{host}:554/Streaming/Channels/{channel}01',
    subUrl: 'rtsp://{host}:554/Streaming/Channels/{channel}02',
    source:
      'https://supportusa.hikvision.com/support/solutions/articles/17000129022-do-you-have-an-example-showing-the-format-for-getting-a-rtsp-stream-from-a-camera-',
  },
  {
    id: 'raspberry-pi',
    maker: 'Raspberry Pi with MediaMTX',
    url: 'rtsp://{host}:8554/{name}',
    subUrl: null,
    name: { label: 'Path', example: 'cam' },
    hint: 'The path with `source: rpiCamera` in mediamtx.yml.',
    source: 'https://mediamtx.org/docs/publish/raspberry-pi-cameras',
  },
  {
    id: 'reolink',
    maker: 'Reolink',
    url: 'rtsp://{host}:554/Preview_{channel2}_main',
    subUrl: 'rtsp://{host}:554/Preview_{channel2}_sub',
    hint: 'Switch on RTSP in the camera: Settings, Network, Advanced, Port. Battery cameras have no RTSP.',
    source: 'https://support.reolink.com/hc/en-us/articles/900000630706-Introduction-to-RTSP/',
  },
  {
    id: 'tapo',
    maker: 'TP-Link Tapo',
    url: 'rtsp://{host}:554/stream1',
    subUrl: 'rtsp://{host}:554/stream2',
    hint: 'Create a camera account in the Tapo app (Advanced settings) and use it as the login.',
    source: 'https://www.tapo.com/en/faq/34/',
  },
  {
    id: 'unifi-protect',
    maker: 'UniFi Protect',
    url: 'rtsps://{host}:7441/{name}',
    subUrl: null,
    name: { label: 'Stream id', example: 'fD6ouM72bWoFijxK' },
    hint: 'The host is the console, not the camera. Protect shows the id in the RTSPS address of each quality; leave out ?enableSrtp. No login is needed.',
    source: 'https://github.com/AlexxIT/go2rtc/blob/master/internal/rtsp/README.md',
  },
  {
    id: 'uniview',
    maker: 'Uniview',
    url: 'rtsp://{host}:554/media/video1',
    subUrl: 'rtsp://{host}:554/media/video2',
    source: 'https://mofulls.pixnet.net/blog/post/351191279',
  },
  {
    id: 'uniview-recorder',
    maker: 'Uniview recorder',
    url: 'rtsp://{host}:554/unicast/c{channel}/s0/live',
    subUrl: 'rtsp://{host}:554/unicast/c{channel}/s1/live',
    source: 'https://mofulls.pixnet.net/blog/post/351191279',
  },
  {
    id: 'vivotek',
    maker: 'Vivotek',
    url: 'rtsp://{host}:554/live{channel}s1.sdp',
    subUrl: 'rtsp://{host}:554/live{channel}s2.sdp',
    hint: 'Older models use live.sdp and live2.sdp: see Configuration, Network, Streaming protocols in the camera.',
    source: 'https://manualshive.com/ru/manual/vivotek/fe9192-h/1040595?page=389',
  },
];

/** The addresses of a camera, not validated: the host may be any text. */
export function fillSourceTemplate(
  template: SourceTemplate,
  values: { host: string; channel: number; name: string },
): { url: string; subUrl: string | null } {
  const replacements: Readonly<Record<string, string>> = {
    host: values.host.trim(),
    channel: String(values.channel),
    channel2: String(values.channel).padStart(2, '0'),
    name: values.name.trim(),
  };
  const fill = (text: string) =>
    text.replace(/\{(host|channel2?|name)\}/g, (_match, key: string) => replacements[key] ?? '');
  return { url: fill(template.url), subUrl: template.subUrl === null ? null : fill(template.subUrl) };
}

export function asksForChannel({ url }: SourceTemplate): boolean {
  return url.includes('{channel');
}
