{{/* (dict "root" $ "part" .Values.controlApi "name" … "component" …): metadata of a pod template. */}}
{{- define "camplane.podMetadata" -}}
labels:
  {{- include "camplane.podLabels" . | nindent 2 }}
  {{- with .part.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $annotations := merge (dict) .part.podAnnotations (.annotations | default dict) }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Security and scheduling settings of every pod. "user" is the user id of the image. */}}
{{- define "camplane.podSpec" -}}
{{- $user := .user | default 10001 -}}
# Kubernetes would set CAMPLANE_…_PORT for each Service, and services refuse unknown CAMPLANE_ variables.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ $user }}
  runAsGroup: {{ $user }}
  fsGroup: {{ $user }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .part.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "camplane.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* TLS and login of a client of Kafka: variables. */}}
{{- define "camplane.kafkaEnv" -}}
{{- $client := .Values.kafka.client }}
{{- $file := "/etc/camplane/kafka/" }}
{{- if $client.tls }}
- name: KAFKA_TLS
  value: "on"
{{- if and $client.existingSecret $client.caKey }}
- name: KAFKA_TLS_CA_FILE
  value: {{ $file }}{{ $client.caKey }}
{{- end }}
{{- if $client.certKey }}
- name: KAFKA_TLS_CERT_FILE
  value: {{ $file }}{{ $client.certKey }}
- name: KAFKA_TLS_KEY_FILE
  value: {{ $file }}{{ $client.keyKey }}
{{- end }}
{{- end }}
{{- if $client.mechanism }}
- name: KAFKA_SASL_MECHANISM
  value: {{ $client.mechanism }}
- name: KAFKA_USERNAME
  value: {{ $client.username | quote }}
- name: KAFKA_PASSWORD_FILE
  value: {{ $file }}{{ $client.passwordKey }}
{{- end }}
{{- end -}}

{{/* Volume with the files of a client of Kafka. */}}
{{- define "camplane.kafkaVolume" -}}
- name: kafka
  secret:
    secretName: {{ .Values.kafka.client.existingSecret }}
    defaultMode: 0440
{{- end -}}

{{/* Volume with the certificate, readable by the group of the pod. */}}
{{- define "camplane.tlsVolume" -}}
- name: tls
  secret:
    secretName: {{ .Values.tls.secretName }}
    defaultMode: 0440
{{- end -}}

{{/* (dict "ready" "/readyz" "startTries" 60 "scheme" "HTTPS"): probes of a Camplane service. */}}
{{- define "camplane.httpProbes" -}}
startupProbe:
  httpGet: { path: /healthz, port: http{{ with .scheme }}, scheme: {{ . }}{{ end }} }
  periodSeconds: 2
  failureThreshold: {{ .startTries }}
readinessProbe:
  httpGet: { path: {{ .ready }}, port: http{{ with .scheme }}, scheme: {{ . }}{{ end }} }
  periodSeconds: 5
  timeoutSeconds: 3
livenessProbe:
  httpGet: { path: /healthz, port: http{{ with .scheme }}, scheme: {{ . }}{{ end }} }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}

{{/* (dict "root" $ "name" … "component" … "part" … "port" 8080): a Service with one port, called http unless "portName" is set. */}}
{{- define "camplane.httpService" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "camplane.metadata" . | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "camplane.selectorLabels" . | nindent 4 }}
  ports:
    - name: {{ .portName | default "http" }}
      port: {{ .port }}
      targetPort: http
      protocol: TCP
{{- end -}}

{{/* PodDisruptionBudget; empty if disabled. */}}
{{- define "camplane.disruptionBudget" -}}
{{- if .part.podDisruptionBudget.enabled -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "camplane.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .part.podDisruptionBudget.maxUnavailable }}
  # Pods that are not ready do not block a node drain.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "camplane.selectorLabels" . | nindent 6 }}
{{- end -}}
{{- end -}}

{{/* HorizontalPodAutoscaler of a Deployment by CPU; empty if disabled. */}}
{{- define "camplane.autoscaler" -}}
{{- $autoscaling := .part.autoscaling -}}
{{- if $autoscaling.enabled -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "camplane.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "camplane.prefix" .root }}-{{ .name }}
  minReplicas: {{ $autoscaling.minReplicas }}
  maxReplicas: {{ $autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ $autoscaling.targetCPUUtilizationPercentage }}
  behavior:
    # Removing a replica disconnects its viewers, so scale up immediately and down slowly.
    scaleDown:
      stabilizationWindowSeconds: 600
      policies:
        - { type: Pods, value: 1, periodSeconds: 300 }
{{- end -}}
{{- end -}}

{{/* (dict "root" $ "name" … "component" …): a ServiceAccount, and its Role from the chart's files. */}}
{{- define "camplane.account" -}}
{{- $role := .root.Files.Get (printf "files/roles/%s.yaml" .name) | fromYaml -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "camplane.metadata" . | nindent 2 }}
automountServiceAccountToken: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- include "camplane.metadata" . | nindent 2 }}
rules:
  {{- toYaml $role.rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "camplane.metadata" . | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "camplane.prefix" .root }}-{{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ include "camplane.prefix" .root }}-{{ .name }}
    namespace: {{ .root.Release.Namespace }}
{{- end -}}

{{/* Volume claim template of a StatefulSet: (dict "persistence" .Values.kafka.persistence). */}}
{{- define "camplane.volumeClaimTemplates" -}}
volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: data
    spec:
      {{- include "camplane.claimSpec" . | nindent 6 }}
{{- end -}}

{{- define "camplane.claimSpec" -}}
accessModes: {{ toYaml (.persistence.accessModes | default (list "ReadWriteOnce")) | nindent 2 }}
{{- with .persistence.storageClassName }}
storageClassName: {{ . | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .persistence.size }}
{{- end -}}
