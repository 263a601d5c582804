{{- define "videojobs.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- /* At most 40 characters, so that -operator and pod suffixes fit into 63. */}}
{{- define "videojobs.fullname" -}}
{{- $name := include "videojobs.name" . }}
{{- $full := printf "%s-%s" .Release.Name $name }}
{{- if contains $name .Release.Name }}{{ $full = .Release.Name }}{{ end }}
{{- .Values.fullnameOverride | default $full | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "videojobs.operator.name" -}}{{ include "videojobs.fullname" . }}-operator{{- end }}
{{- define "videojobs.redis.name" -}}{{ include "videojobs.fullname" . }}-redis{{- end }}

{{- /* Names of what belongs to the cluster carry the namespace: two installations must not share them. */}}
{{- define "videojobs.clusterName" -}}{{ .Release.Namespace }}-{{ include "videojobs.fullname" . }}{{- end }}

{{- define "videojobs.operator.serviceAccount" -}}
{{- if .Values.operator.serviceAccount.create -}}
{{ .Values.operator.serviceAccount.name | default (include "videojobs.operator.name" .) }}
{{- else -}}
{{ .Values.operator.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{- /* The Secret whose key redis-url all parts read. */}}
{{- define "videojobs.connectionSecret" -}}
{{- if .Values.redis.enabled -}}
{{ .Values.redis.existingSecret | default (include "videojobs.redis.name" .) }}
{{- else -}}
{{ .Values.externalRedis.existingSecret | default (include "videojobs.redis.name" .) }}
{{- end }}
{{- end }}

{{- define "videojobs.media.claim" -}}
{{ .Values.media.existingClaim | default (printf "%s-media" (include "videojobs.fullname" .)) }}
{{- end }}

{{- /* {root, component}: labels that never change, for selectors. */}}
{{- define "videojobs.selectorLabels" -}}
app.kubernetes.io/name: {{ include "videojobs.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "videojobs.labels" -}}
{{ include "videojobs.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: videojobs
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}
