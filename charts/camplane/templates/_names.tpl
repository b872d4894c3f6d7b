{{/* Prefix of all names: the release name, followed by the chart name unless the release name contains it. */}}
{{- define "camplane.prefix" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* (dict "root" $ "name" "control-api" "component" "api"): selector labels of a component. */}}
{{- define "camplane.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* Selector labels and informational labels. Third-party components have their own version label, so that an upgrade of Camplane does not restart them. */}}
{{- define "camplane.podLabels" -}}
{{ include "camplane.selectorLabels" . }}
app.kubernetes.io/part-of: camplane
app.kubernetes.io/version: {{ .version | default .root.Chart.AppVersion | quote }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Annotations of objects. */}}
{{- define "camplane.labels" -}}
{{ include "camplane.podLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* name, labels and annotations: (dict "root" $ "name" … "component" …) with "suffix" for objects that are not named after their component. */}}
{{- define "camplane.metadata" -}}
name: {{ include "camplane.prefix" .root }}-{{ .suffix | default .name }}
labels:
  {{- include "camplane.labels" . | nindent 2 }}
{{- $annotations := merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* (dict "root" $ "image" .Values.controlApi.image). Camplane's images default to the chart's version; others set their own. */}}
{{- define "camplane.image" -}}
{{- $registry := .image.registry | default .root.Values.image.registry -}}
{{- $name := .image.repository -}}
{{- if $registry -}}{{- $name = printf "%s/%s" (trimSuffix "/" $registry) $name -}}{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* Kafka brokers of the services. */}}
{{- define "camplane.brokers" -}}
{{- if .Values.kafka.enabled -}}
{{ include "camplane.prefix" . }}-kafka:9092
{{- else -}}
{{- join "," .Values.kafka.brokers -}}
{{- end -}}
{{- end -}}

{{- define "camplane.databaseSecret" -}}
{{- .Values.database.existingSecret | default (printf "%s-database" (include "camplane.prefix" .)) -}}
{{- end -}}

{{- define "camplane.adminSecret" -}}
{{- .Values.controlApi.admin.existingSecret | default (printf "%s-admin" (include "camplane.prefix" .)) -}}
{{- end -}}

{{- define "camplane.mediaSecret" -}}
{{- .Values.mediamtx.access.existingSecret | default (printf "%s-media" (include "camplane.prefix" .)) -}}
{{- end -}}

{{/* (dict "root" $ "name" "METRICS_TOKEN" "key" "metrics-token"): a variable with a key of the Secret of Camplane's services. Secrets that users made for an earlier version lack it. */}}
{{- define "camplane.serviceSecretEnv" -}}
- name: {{ .name }}
  valueFrom: { secretKeyRef: { name: {{ include "camplane.mediaSecret" .root }}, key: {{ .key }}, optional: true } }
{{- end -}}

{{/* Who reads /metrics of a service. */}}
{{- define "camplane.metricsEnv" -}}
{{ include "camplane.serviceSecretEnv" (dict "root" . "name" "METRICS_TOKEN" "key" "metrics-token") }}
{{- if not .Values.monitoring.requireToken }}
- name: METRICS_ACCESS
  value: open
{{- end }}
{{- end -}}

{{/* How Prometheus authenticates at a service. */}}
{{- define "camplane.metricsAuthorization" -}}
{{- if .Values.monitoring.requireToken -}}
authorization:
  credentials: { name: {{ include "camplane.mediaSecret" . }}, key: metrics-token }
{{- end -}}
{{- end -}}

{{- define "camplane.usesDatabase" -}}
{{- if or .Values.postgres.enabled .Values.database.existingSecret -}}true{{- end -}}
{{- end -}}

{{/* WebRTC's media port must be the same inside and outside: MediaMTX offers browsers the port that it listens on. */}}
{{- define "camplane.mediaPort" -}}
{{- if eq .Values.mediamtx.service.type "NodePort" -}}
{{- .Values.mediamtx.service.nodePorts.media | default 8189 -}}
{{- else -}}
8189
{{- end -}}
{{- end -}}

{{/* (dict "root" $ "url" .Values.viewers.hlsUrl): with tls.secretName, the address over TLS. */}}
{{- define "camplane.viewerUrl" -}}
{{- if .root.Values.tls.secretName -}}
{{- regexReplaceAll "^rtsp://(.*):8554" (regexReplaceAll "^http://" .url "https://") "rtsps://${1}:8322" -}}
{{- else -}}
{{- .url -}}
{{- end -}}
{{- end -}}

{{/* Origins of the dashboard, separated by commas. */}}
{{- define "camplane.dashboardOrigins" -}}
{{- $origins := list -}}
{{- range .Values.viewers.dashboardOrigins }}{{ $origins = append $origins (include "camplane.viewerUrl" (dict "root" $ "url" .)) }}{{ end -}}
{{- join "," $origins -}}
{{- end -}}

{{/* scheme://host[:port] of a URL. */}}
{{- define "camplane.origin" -}}
{{- $url := urlParse . -}}
{{- printf "%s://%s" $url.scheme $url.host -}}
{{- end -}}
