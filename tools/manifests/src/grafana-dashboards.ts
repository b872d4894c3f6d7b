const datasource = { type: 'prometheus', uid: '${datasource}' };

type Unit = 'short' | 's' | 'bytes' | 'bps';
type Panel = { title: string; expr: string; legend: string; unit?: Unit; description?: string };
type Variable = Record<string, unknown>;

const cameraFilter = 'namespace="$namespace",camera=~"$camera"';
const edgeFilter = 'namespace="$namespace",pod=~".*-mediamtx-.*"';

const p95 = (metric: string, filter: string, window: string, by = '') =>
  `histogram_quantile(0.95, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${metric}_bucket{${filter}}[${window}])))`;

const cameraStats: Panel[] = [
  { title: 'Cameras', expr: 'max(camplane_control_cameras{namespace="$namespace"})', legend: 'cameras' },
  {
    title: 'Cameras with video',
    expr: 'count(max by (camera) (camplane_camera_up{namespace="$namespace",stream="main"}) == 1) or vector(0)',
    legend: 'live',
  },
  { title: 'Viewers at the edge', expr: `sum(paths_readers{${edgeFilter}})`, legend: 'viewers' },
  {
    title: 'Restarts per hour',
    expr: 'sum(increase(camplane_ffmpeg_restarts_total{namespace="$namespace"}[1h]))',
    legend: 'restarts',
  },
];

const cameraGraphs: Panel[] = [
  {
    title: 'Video',
    expr: `camplane_camera_up{${cameraFilter}}`,
    legend: '{{camera}} {{stream}}',
    description: '1 while video frames arrive.',
  },
  {
    title: 'Frames per second',
    expr: `rate(camplane_frames_total{${cameraFilter}}[2m])`,
    legend: '{{camera}} {{stream}}',
  },
  {
    title: 'Restarts by reason',
    expr: `sum by (camera, reason) (increase(camplane_ffmpeg_restarts_total{${cameraFilter}}[15m])) > 0`,
    legend: '{{camera}} {{reason}}',
  },
  {
    title: 'Interruptions, p95',
    expr: p95('camplane_frame_gap_seconds', cameraFilter, '30m', 'camera'),
    legend: '{{camera}}',
    unit: 's',
  },
  {
    title: 'First frame after a start, p95',
    expr: p95('camplane_first_frame_seconds', cameraFilter, '30m', 'camera'),
    legend: '{{camera}}',
    unit: 's',
  },
  {
    title: 'Frames dropped, by stage',
    expr: `sum by (camera, stage) (rate(camplane_frames_dropped_total{${cameraFilter}}[5m]))`,
    legend: '{{camera}} {{stage}}',
  },
  {
    title: 'Cameras by phase',
    expr: 'max by (phase) (camplane_operator_cameras{namespace="$namespace"})',
    legend: '{{phase}}',
  },
  {
    title: 'Operator: reconcile duration, p95',
    expr: p95('camplane_operator_reconcile_duration_seconds', 'namespace="$namespace"', '5m'),
    legend: 'p95',
    unit: 's',
  },
];

const systemGraphs: Panel[] = [
  {
    title: 'Detections stored per second',
    expr: 'sum by (outcome) (rate(camplane_detections_total{namespace="$namespace"}[5m]))',
    legend: '{{outcome}}',
  },
  {
    title: 'Capture to publish latency, p95',
    expr: p95('camplane_detection_latency_seconds', 'namespace="$namespace"', '5m'),
    legend: 'p95',
    unit: 's',
  },
  {
    title: 'Frames processed, by outcome',
    expr: 'sum by (outcome) (rate(camplane_detection_frames_total{namespace="$namespace"}[5m]))',
    legend: '{{outcome}}',
  },
  {
    title: 'Detector duration per frame, p95',
    expr: p95('camplane_detection_seconds', 'namespace="$namespace"', '5m', 'detector'),
    legend: '{{detector}}',
    unit: 's',
  },
  {
    title: 'Kafka: consumer lag',
    expr: 'sum by (topic, group) (camplane_bus_lag_messages{namespace="$namespace"})',
    legend: '{{group}} {{topic}}',
  },
  {
    title: 'Kafka: dead letters',
    expr: 'sum by (topic, reason) (increase(camplane_bus_dead_letters_total{namespace="$namespace"}[15m]))',
    legend: '{{topic}} {{reason}}',
  },
  {
    title: 'Requests per second, by status',
    expr: 'sum by (status) (rate(camplane_http_request_duration_seconds_count{namespace="$namespace"}[5m]))',
    legend: '{{status}}',
  },
  {
    title: 'Request duration, p95',
    expr: p95('camplane_http_request_duration_seconds', 'namespace="$namespace"', '5m', 'route'),
    legend: '{{route}}',
    unit: 's',
  },
  {
    title: 'Edge: viewers by replica',
    expr: `sum by (pod) (paths_readers{${edgeFilter}})`,
    legend: '{{pod}}',
  },
  {
    title: 'Edge: traffic sent',
    expr: `sum by (pod) (rate(paths_outbound_bytes{${edgeFilter}}[5m])) * 8`,
    legend: '{{pod}}',
    unit: 'bps',
  },
  {
    title: 'Detection images stored',
    expr: 'max(camplane_frame_storage_bytes{namespace="$namespace"})',
    legend: 'bytes',
    unit: 'bytes',
  },
  {
    title: 'Memory of the services',
    expr: 'process_resident_memory_bytes{namespace="$namespace",container=~"control-api|camera-operator|detection-service|stream-proxy"}',
    legend: '{{pod}}',
    unit: 'bytes',
  },
];

/** Grafana dashboards as JSON, by file name. */
export function grafanaDashboards(): Map<string, string> {
  const namespace = queryVariable('namespace', 'label_values(camplane_control_cameras, namespace)');
  const camera = {
    ...queryVariable('camera', 'label_values(camplane_camera_up{namespace="$namespace"}, camera)'),
    ...{ multi: true, includeAll: true, allValue: '.*' },
  };
  const stats = cameraStats.map(stat);
  const cameras = [...stats, ...cameraGraphs.map((panel, index) => graph(panel, index, stats.length, 4))];
  const system = systemGraphs.map((panel, index) => graph(panel, index, 0, 0));
  return new Map([
    ['cameras.json', dashboard('cameras', [namespace, camera], cameras)],
    ['system.json', dashboard('system', [namespace], system)],
  ]);
}

function dashboard(name: string, variables: Variable[], panels: object[]): string {
  const definition = {
    uid: `camplane-${name}`,
    title: `Camplane / ${name}`,
    ...{
      tags: ['camplane'],
      timezone: 'browser',
      schemaVersion: 39,
      version: 1,
      refresh: '30s',
      editable: true,
    },
    time: { from: 'now-3h', to: 'now' },
    annotations: { list: [] },
    links: [],
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        ...variables,
      ],
    },
    panels,
  };
  return `${JSON.stringify(definition, null, 2)}\n`;
}

function queryVariable(name: string, query: string): Variable {
  const label = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  return { name, type: 'query', label, datasource, query: { query, refId: name }, refresh: 2 };
}

function stat(panel: Panel, index: number): object {
  return {
    ...common('stat', panel, index + 1, { x: index * 6, y: 0, w: 6, h: 4 }),
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      ...{ colorMode: 'value', graphMode: 'none' },
    },
  };
}

/** Graphs are laid out in two columns below `top`. */
function graph(panel: Panel, index: number, before: number, top: number): object {
  const position = { x: (index % 2) * 12, y: top + Math.floor(index / 2) * 8, w: 12, h: 8 };
  return common('timeseries', panel, before + index + 1, position);
}

function common(type: string, panel: Panel, id: number, gridPos: object): object {
  const { title, expr, legend, unit = 'short', description } = panel;
  return {
    ...{ id, type, title, datasource, gridPos },
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: [{ refId: 'A', expr, legendFormat: legend, datasource }],
    ...(description === undefined ? {} : { description }),
  };
}
