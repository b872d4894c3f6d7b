{{/* Users who sign in elsewhere: variables of control-api. */}}
{{- define "camplane.authEnv" -}}
{{- $auth := .Values.auth }}
{{- $oidc := $auth.oidc }}
{{- $proxy := $auth.proxy }}
{{- if and $oidc.issuer (not (and $auth.publicUrl $oidc.clientId $auth.roleMapping)) }}
{{- fail "auth.oidc.issuer: requires auth.publicUrl, for example https://cameras.example, auth.oidc.clientId and auth.roleMapping" }}
{{- end }}
{{- if and $proxy.userHeader (not (and $proxy.trustedProxies $auth.roleMapping)) }}
{{- fail "auth.proxy.userHeader: requires auth.proxy.trustedProxies, the addresses of the proxy alone, and auth.roleMapping" }}
{{- end }}
{{- with $auth.publicUrl }}
- name: CAMPLANE_PUBLIC_URL
  value: {{ . }}
{{- end }}
{{- with $auth.roleMapping }}
- name: CAMPLANE_ROLE_MAPPING
  value: {{ join "; " . | quote }}
{{- end }}
{{- if $oidc.issuer }}
- name: OIDC_ISSUER
  value: {{ $oidc.issuer }}
- name: OIDC_CLIENT_ID
  value: {{ $oidc.clientId | quote }}
{{- with $oidc.existingSecret }}
- name: OIDC_CLIENT_SECRET
  valueFrom: { secretKeyRef: { name: {{ . }}, key: {{ $oidc.secretKey }} } }
{{- end }}
- name: OIDC_SCOPES
  value: {{ join " " $oidc.scopes | quote }}
- name: OIDC_GROUPS_CLAIM
  value: {{ $oidc.groupsClaim | quote }}
- name: OIDC_NAME
  value: {{ $oidc.name | quote }}
{{- with $oidc.audience }}
- name: OIDC_AUDIENCE
  value: {{ . | quote }}
{{- end }}
- name: OIDC_SESSION_HOURS
  value: {{ $oidc.sessionHours | quote }}
{{- end }}
{{- with $proxy.trustedProxies }}
- name: CAMPLANE_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
- name: CAMPLANE_FORWARDED_HEADER
  value: {{ $proxy.forwardedHeader }}
{{- end }}
{{- with $proxy.userHeader }}
- name: CAMPLANE_PROXY_USER_HEADER
  value: {{ . }}
- name: CAMPLANE_PROXY_GROUPS_HEADER
  value: {{ $proxy.groupsHeader }}
{{- end }}
{{- end -}}

{{/* Port of the issuer. */}}
{{- define "camplane.issuerPort" -}}
{{- $url := urlParse .Values.auth.oidc.issuer -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default "443" -}}
{{- end -}}
