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
/** One sample per minute in Prometheus' notation: `0+2x30` starts at 0 and grows by 2 thirty times. */
type Series = Readonly<Record<string, string>>;
/** Scraped series, the minute of the evaluation, and the labels of the alerts that fire then. */
type Case = { series: Series; atMinutes: number; fires: Labels[] };
/** Result of tools/promql: series, and the minutes at which the expression returns them. */
type Result = { labels: Labels; minutes: number[] | null }[];

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

/** For each alert a case in which it fires, and cases in which it must not. */
const cases: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  CameraDown: {
    'fires two minutes after a camera lost its video': {
      series: { [up]: '1x10 0x30', [restarts]: '0x10 0+3x30' },
      atMinutes: 14,
      fires: [{ ...door, ...critical }],
    },
    'fires for a refused login that is retried every five minutes': {
      series: { [up]: '0x40', [restarts]: '_x4 1x4 2x4 3x4 4x4 5x20' },
      atMinutes: 20,
      fires: [{ ...door, ...critical }],
    },
    'does not fire for an on-demand camera without viewers': {
      series: { [up]: '0x60', [restarts]: '0x60' },
      atMinutes: 40,
      fires: [],
    },
    'does not fire for a camera that recovers within two minutes': {
      series: { [up]: '1x10 0x1 1x30', [restarts]: '0x10 0+3x1 6x30' },
      atMinutes: 13,
      fires: [],
    },
  },
  CameraUnreachable: {
    'fires when a camera pod does not respond': {
      series: { [`up{${camera.replace(/ camera=.*?, stream=.*?,/, '')}}`]: '1x5 0x20' },
      atMinutes: 12,
      fires: [{ namespace: 'camplane', pod: 'camera-door-1', container: 'camera-service', ...critical }],
    },
  },
  CameraUnreadable: {
    'fires when video arrives that no reader can decode': {
      series: { [up]: '1x20', [up.replace('camera_up', 'camera_readable')]: '0x20' },
      atMinutes: 10,
      fires: [{ ...door, ...warning }],
    },
    'does not fire while there is no video': {
      series: { [up]: '0x20', [up.replace('camera_up', 'camera_readable')]: '0x20' },
      atMinutes: 10,
      fires: [],
    },
  },
  CameraFpsLow: {
    'fires when a third of the frames arrive': {
      series: { [up]: '1x200', [frames]: '0+1500x100 150000+500x100' },
      atMinutes: 120,
      fires: [{ ...door, pod: 'camera-door-1', container: 'camera-service', ...warning }],
    },
    'does not fire while there is no video at all': {
      series: { [up]: '1x100 0x100', [frames]: '0+1500x100 150000x100' },
      atMinutes: 120,
      fires: [],
    },
  },
  CameraRestartLoop: {
    'fires at more than ten restarts in 15 minutes': {
      series: { [restarts]: '0+1x60' },
      atMinutes: 30,
      fires: [{ ...door, ...warning }],
    },
    'does not fire for a few restarts': { series: { [restarts]: '0+1x3 3x60' }, atMinutes: 30, fires: [] },
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
    'does not fire for a small lag': { series: { [lag]: '500x20' }, atMinutes: 10, fires: [] },
  },
  DetectionsWaiting: {
    'fires when the database accepts no detections': {
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
    // MediaMTX reports 0 without labels for unused protocols.
    'fires when RTSP packets are discarded and WebRTC is unused': {
      series: {
        [`webrtc_sessions_outbound_frames_discarded{${edge}}`]: '0x30',
        [`rtsp_sessions_outbound_rtp_packets_discarded{${edge}, id="1", path="door", remoteAddr="192.0.2.1:1", state="read"}`]:
          '0+6000x30',
      },
      atMinutes: 20,
      fires: [{ namespace: 'camplane', pod: 'camplane-mediamtx-1', ...warning }],
    },
    'does not fire for one slow viewer': {
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
    'fires when the operator reports cameras in phase Error': {
      series: { [`camplane_operator_cameras{${operator}, phase="Error"}`]: '2x30' },
      atMinutes: 15,
      fires: [{ namespace: 'camplane', ...warning }],
    },
  },
  CameraReplacementHalted: {
    'fires when no camera is replaced': {
      series: { [`camplane_operator_cameras_to_replace{${operator}}`]: '0x5 18x40' },
      atMinutes: 30,
      fires: [{ namespace: 'camplane', ...warning }],
    },
    'does not fire while the upgrade progresses, however slowly': {
      series: { [`camplane_operator_cameras_to_replace{${operator}}`]: '0x5 18x8 17x8 16x8 15x8 14x8' },
      atMinutes: 40,
      fires: [],
    },
  },
  OperatorWithoutLeader: {
    'fires when neither of two operators is the leader': {
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
    'does not fire while one is the leader': {
      series: {
        [`camplane_operator_leading{${operator}}`]: '0x20',
        [`camplane_operator_leading{${operator.replace('-1"', '-2"')}}`]: '1x20',
      },
      atMinutes: 10,
      fires: [],
    },
  },
  OperatorStale: {
    'fires when the watch has been silent for long': {
      series: { [`camplane_operator_watch_staleness_seconds{${operator}, resource="cameras"}`]: '0+60x30' },
      atMinutes: 20,
      fires: [{ namespace: 'camplane', pod: 'camplane-camera-operator-1', resource: 'cameras', ...warning }],
    },
    'does not fire when a bookmark ends the silence': {
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
  const answers = JSON.parse(run('promql', [], JSON.stringify(queries))) as Result[];
  fired = tried.map(({ alert, one }, index) => firingOf(ruleOf(alert), answers[index] ?? [], one.atMinutes));
}, 60_000);

function ruleOf(alert: string): Rule {
  const rule = rules.find((candidate) => candidate.alert === alert);
  if (!rule) throw new Error(`no alert ${alert}`);
  return rule;
}

/** An alert fires once its expression has returned a series at every minute for the duration of `for`. */
function firingOf(rule: Rule, result: Result, atMinutes: number): Labels[] {
  const [, minutes] = /^(\d+)m$/.exec(rule.for) ?? [];
  if (minutes === undefined) throw new Error(`${rule.alert}: \`for\` is not in minutes`);
  const requiredMinutes = Array.from({ length: Number(minutes) + 1 }, (_, ago) => atMinutes - ago);
  return result
    .filter((series) => requiredMinutes.every((minute) => series.minutes?.includes(minute)))
    .map(({ labels: { __name__, ...labels } }) => ({ ...labels, ...rule.labels }));
}

describe('the alerts', () => {
  it('are all tested here', () => {
    expect(Object.keys(cases).sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it.each(tried.map(({ name, one }, index) => [name, one.fires, index] as const))('%s', (_, fires, index) => {
    expect(fired[index]).toEqual(fires);
  });

  it('use only labels in annotations that they have when they fire', () => {
    for (const [index, { alert, name }] of tried.entries()) {
      const words = JSON.stringify(ruleOf(alert).annotations);
      const named = [...words.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      for (const labels of fired[index] ?? []) {
        expect([name, Object.keys(labels)]).toEqual([name, expect.arrayContaining(named)]);
      }
    }
  });
});
