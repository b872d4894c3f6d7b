/** Access to video. */
export type MediaConfig = {
  /** Signs stream tickets; replicas share it. Absent: a file in the data folder. */
  ticketSecret?: string;
  /** Port of the auth hook of edges; absent: there are no edges. */
  hookPort?: number;
  /** Sent by edges to the hook. Absent: everybody who reaches its port may ask. */
  hookPassword?: string;
  /** Control APIs of the MediaMTX servers that viewers read from. */
  apiUrls: readonly string[];
  /** Address of MediaMTX's WebRTC server; absent: port 8889 of the hosts in `apiUrls`. */
  webrtcUrl?: string;
  /** Certificate of that server over HTTPS; absent: it is checked against the host name. */
  certFile?: string;
  /** Password of the user `camplane` of these APIs, also for the hook. Absent: the APIs need none, and the hook refuses. */
  apiPassword?: string;
};
