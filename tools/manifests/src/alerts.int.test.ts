import { beforeAll, describe, expect, it } from '@jest/globals';
import { renderChart, run } from './testing/render.ts';

type Labels = Record<string, string>;
type Rule = {
  alert: string;
  expr: string;
  for: string;
  labels: Labels;
  annotations: { summary: string; description: string };
};
/** Samples a minute apart, in Prometheus' notation: `0+2x30` begins at 0 and grows by 2 thirty times. */
type Series = Readonly<Record<string, string>>;
/** What is scraped, at which minute it is looked, and the labels of what fires then. */
type Case = { series: Series; atMinutes: number; fires: Labels[] };
/** What tools/promql answers: series, and the minutes at which the expression gives them. */
type Answer = { labels: Labels; minutes: number[] | null }[];

const camera =
  'namespace="camplane", camera="door", stream="main", pod="camera-door-1", container="camera-service"';
const operator = 'namespace="camplane", pod="camplane-camera-operator-1"';
const edge = 'namespace="camplane", pod="camplane-mediamtx-1"';
const door = { namespace: 'camplane', camera: 'door', stream: 'main' };
const critical = { severity: 'critical' };
const warning = { severity: 'warning' };
const up = `camplane_camera_up{${camera}}`;
const frames = `camplane_frames_total{${camera}}`;
const restarts = `camplane_ffmpeg_restarts_total{${camera}, reason="SOURCE_UNREACHABLE"}`;
const lag =
  'camplane_bus_lag_messages{namespace="camplane", pod="camplane-detection-service-1", topic="camplane.frames", group="detection-service.camplane.frames"}';

/** Each alert once as it fires, and beside it what must not make it fire. */
const cases: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  CameraDown: {
    'fires two minutes after a camera went': {
      series: { [up]: '1x10 0x30', [restarts]: '0x10 0+3x30' },
      atMinutes: 14,
      fires: [{ ...door, ...critical }],
    },
    'fires for a login that is tried once in five minutes': {
      series: { [up]: '0x40', [restarts]: '_x4 1x4 2x4 3x4 4x4 5x20' },
      atMinutes: 20,
      fires: [{ ...door, ...critical }],
    },
    'stays away from a camera that runs only while it is watched': {
      series: { [up]: '0x60', [restarts]: '0x60' },
      atMinutes: 40,
      fires: [],
    },
    'stays away from a camera that is back within two minutes': {
      series: { [up]: '1x10 0x1 1x30', [restarts]: '0x10 0+3x1 6x30' },
      atMinutes: 13,
      fires: [],
    },
  },
  CameraUnreachable: {
    'fires when a camera’s pod does not answer': {
      series: { [`up{${camera.replace(/ camera=.*?, stream=.*?,/, '')}}`]: '1x5 0x20' },
      atMinutes: 12,
      fires: [{ namespace: 'camplane', pod: 'camera-door-1', container: 'camera-service', ...critical }],
    },
  },
  CameraFpsLow: {
    'fires when a third of the frames come': {
      series: { [up]: '1x200', [frames]: '0+1500x100 150000+500x100' },
      atMinutes: 120,
      fires: [{ ...door, pod: 'camera-door-1', container: 'camera-service', ...warning }],
    },
    'stays away while there is no video at all': {
      series: { [up]: '1x100 0x100', [frames]: '0+1500x100 150000x100' },
      atMinutes: 120,
      fires: [],
    },
  },
  CameraRestartLoop: {
    'fires at more than ten restarts in a quarter of an hour': {
      series: { [restarts]: '0+1x60' },
      atMinutes: 30,
      fires: [{ ...door, ...warning }],
    },
    'stays away from a few': { series: { [restarts]: '0+1x3 3x60' }, atMinutes: 30, fires: [] },
  },
  KafkaLag: {
    'fires when a group is behind': {
      series: { [lag]: '5000x20' },
      atMinutes: 10,
      fires: [
        {
          namespace: 'camplane',
          topic: 'camplane.frames',
          group: 'detection-service.camplane.frames',
          ...warning,
        },
      ],
    },
    'stays away from a little': { series: { [lag]: '500x20' }, atMinutes: 10, fires: [] },
  },
  DetectionsWaiting: {
    'fires when the database takes none': {
      series: {
        'camplane_detections_waiting{namespace="camplane", pod="camplane-control-api-1"}': '2000x20',
      },
      atMinutes: 10,
      fires: [{ namespace: 'camplane', ...warning }],
    },
  },
  FrameStorageFull: {
    'fires when the disk is full': {
      series: { 'camplane_frame_storage_full{namespace="camplane", pod="camplane-control-api-1"}': '1x20' },
      atMinutes: 10,
      fires: [{ namespace: 'camplane', ...warning }],
    },
  },
  EdgeSaturated: {
    // MediaMTX says 0 without labels of what nobody uses.
    'fires when packets of RTSP are discarded and nobody uses WebRTC': {
      series: {
        [`webrtc_sessions_outbound_frames_discarded{${edge}}`]: '0x30',
        [`rtsp_sessions_outbound_rtp_packets_discarded{${edge}, id="1", path="door", remoteAddr="192.0.2.1:1", state="read"}`]:
          '0+6000x30',
      },
      atMinutes: 20,
      fires: [{ namespace: 'camplane', pod: 'camplane-mediamtx-1', ...warning }],
    },
    'stays away from one slow viewer': {
      series: {
        [`webrtc_sessions_outbound_frames_discarded{${edge}, id="1", path="door", remoteAddr="192.0.2.1:1", state="read"}`]:
          '0+600x30',
        [`rtsp_sessions_outbound_rtp_packets_discarded{${edge}}`]: '0x30',
      },
      atMinutes: 20,
      fires: [],
    },
  },
  CamerasInError: {
    'fires when the operator says so': {
      series: { [`camplane_operator_cameras{${operator}, phase="Error"}`]: '2x30' },
      atMinutes: 15,
      fires: [{ namespace: 'camplane', ...warning }],
    },
  },
  CameraReplacementHalted: {
    'fires when nobody’s turn comes': {
      series: { [`camplane_operator_cameras_to_replace{${operator}}`]: '0x5 18x40' },
      atMinutes: 30,
      fires: [{ namespace: 'camplane', ...warning }],
    },
    'stays away while it goes on, however slowly': {
      series: { [`camplane_operator_cameras_to_replace{${operator}}`]: '0x5 18x8 17x8 16x8 15x8 14x8' },
      atMinutes: 40,
      fires: [],
    },
  },
  OperatorWithoutLeader: {
    'fires when of two operators none leads': {
      series: {
        [`camplane_operator_leading{${operator}}`]: '0x20',
        [`camplane_operator_leading{${operator.replace('-1"', '-2"')}}`]: '0x20',
      },
      atMinutes: 10,
      fires: [{ namespace: 'camplane', ...critical }],
    },
    'fires when there is no operator': {
      series: { 'up{namespace="camplane"}': '1x20' },
      atMinutes: 10,
      fires: [critical],
    },
    'stays away while one leads': {
      series: {
        [`camplane_operator_leading{${operator}}`]: '0x20',
        [`camplane_operator_leading{${operator.replace('-1"', '-2"')}}`]: '1x20',
      },
      atMinutes: 10,
      fires: [],
    },
  },
  OperatorStale: {
    'fires when the API server has said nothing for long': {
      series: { [`camplane_operator_watch_staleness_seconds{${operator}, resource="cameras"}`]: '0+60x30' },
      atMinutes: 20,
      fires: [{ namespace: 'camplane', pod: 'camplane-camera-operator-1', resource: 'cameras', ...warning }],
    },
    'stays away from what a bookmark ends': {
      series: { [`camplane_operator_watch_staleness_seconds{${operator}, resource="cameras"}`]: '60x30' },
      atMinutes: 20,
      fires: [],
    },
  },
};

const tried = Object.entries(cases).flatMap(([alert, of]) =>
  Object.entries(of).map(([name, one]) => ({ name: `${alert} ${name}`, alert, one })),
);
let rules: Rule[] = [];
let fired: Labels[][] = [];

beforeAll(() => {
  const rendered = renderChart({ values: 'ci/guarded-values.yaml' });
  const { groups } = rendered.find(({ kind }) => kind === 'PrometheusRule')?.['spec'] as {
    groups: { rules: Rule[] }[];
  };
  rules = groups.flatMap((group) => group.rules);
  const queries = tried.map(({ alert, one: { series, atMinutes } }) => ({
    expr: ruleOf(alert).expr,
    series,
    minutes: atMinutes,
  }));
  const answers = JSON.parse(run('promql', [], JSON.stringify(queries))) as Answer[];
  fired = tried.map(({ alert, one }, index) => firingOf(ruleOf(alert), answers[index] ?? [], one.atMinutes));
}, 60_000);

function ruleOf(alert: string): Rule {
  const rule = rules.find((candidate) => candidate.alert === alert);
  if (!rule) throw new Error(`there is no alert ${alert}`);
  return rule;
}

/** An alert fires once its expression has given a series for as long as its `for` says, at every minute of it. */
function firingOf(rule: Rule, answer: Answer, atMinutes: number): Labels[] {
  const [, minutes] = /^(\d+)m$/.exec(rule.for) ?? [];
  if (minutes === undefined) throw new Error(`${rule.alert}: \`for\` is not in minutes`);
  const wanted = Array.from({ length: Number(minutes) + 1 }, (_, ago) => atMinutes - ago);
  return answer
    .filter((series) => wanted.every((minute) => series.minutes?.includes(minute)))
    .map(({ labels: { __name__, ...labels } }) => ({ ...labels, ...rule.labels }));
}

describe('the alerts', () => {
  it('are all tried here', () => {
    expect(Object.keys(cases).sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it.each(tried.map(({ name, one }, index) => [name, one.fires, index] as const))('%s', (_, fires, index) => {
    expect(fired[index]).toEqual(fires);
  });

  it('name in their words only labels that they have when they fire', () => {
    for (const [index, { alert, name }] of tried.entries()) {
      const words = JSON.stringify(ruleOf(alert).annotations);
      const named = [...words.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      for (const labels of fired[index] ?? []) {
        expect([name, Object.keys(labels)]).toEqual([name, expect.arrayContaining(named)]);
      }
    }
  });
});
