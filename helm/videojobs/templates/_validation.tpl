{{- /* What a schema cannot say: values that contradict one another. Included by the operator's Deployment. */}}
{{- define "videojobs.validate" -}}
{{- with .Values }}
{{- if and (not .redis.enabled) (not .externalRedis.existingSecret) (not .externalRedis.host) }}
{{- fail "redis.enabled is false: set externalRedis.existingSecret (a Secret with the key redis-url) or externalRedis.host" }}
{{- end }}
{{- if and .redis.enabled (or .externalRedis.existingSecret .externalRedis.host) }}
{{- fail "externalRedis is set and redis.enabled is true: set redis.enabled=false to use the external one" }}
{{- end }}
{{- if and .externalRedis.existingSecret .externalRedis.host }}
{{- fail "externalRedis.existingSecret and externalRedis.host are both set: the Secret's redis-url says the host, so leave host out" }}
{{- end }}
{{- if and .connectionSecret.copyTo (or (and .redis.enabled .redis.existingSecret) .externalRedis.existingSecret) }}
{{- fail "connectionSecret.copyTo copies the Secret that the chart makes; yours (existingSecret) you copy yourself" }}
{{- end }}
{{- if and .media.existingClaim .media.hostPath }}
{{- fail "media.existingClaim and media.hostPath are both set: choose one" }}
{{- end }}
{{- if and .operator.namespaces (not (has $.Release.Namespace .operator.namespaces)) (include "videojobs.pools.enabled" $) }}
{{- fail (printf "operator.namespaces leaves out %s, where this chart makes its pools: add it, or disable all pools" $.Release.Namespace) }}
{{- end }}
{{- $speechless := list }}
{{- $speaking := list }}
{{- range $name, $pool := .pools }}
{{- if and $pool $pool.enabled (has "caption_queue" $pool.queues) }}
{{- if or $pool.speech $pool.image }}{{ $speaking = append $speaking $name }}{{ else }}{{ $speechless = append $speechless $name }}{{ end }}
{{- end }}
{{- end }}
{{- if and .rbac.create (not .operator.namespaces) }}{{ include "videojobs.validate.alone" $ }}{{ end }}
{{- if and $speaking $speechless }}
{{- fail (printf "pools.%s serves caption_queue without Whisper in its image and would take captions from pools.%s: take caption_queue out of pools.%s.queues" (first $speechless) (first $speaking) (first $speechless)) }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
An operator that sees all namespaces must be the only one: two would run every VideoJob twice. Where the chart is
rendered without a cluster, there is nothing to look at.
*/}}
{{- define "videojobs.validate.alone" -}}
{{- $own := printf "%s/%s" .Release.Namespace .Release.Name }}
{{- range $kind := list "ClusterRoleBinding" "RoleBinding" }}
{{- range (lookup "rbac.authorization.k8s.io/v1" $kind "" "").items }}
{{- $labels := .metadata.labels | default dict }}
{{- if and (eq (get $labels "app.kubernetes.io/part-of") "videojobs") (eq (get $labels "app.kubernetes.io/component") "operator") }}
{{- $other := printf "%s/%s" (first .subjects).namespace (get $labels "app.kubernetes.io/instance") }}
{{- if ne $other $own }}
{{- fail (printf "the operator of the release %s sees VideoJobs too (%s %s), and both would run them: set operator.namespaces in both, without overlap, or uninstall one" $other $kind .metadata.name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "videojobs.pools.enabled" -}}
{{- range $name, $pool := .Values.pools }}{{ if and $pool $pool.enabled }}{{ $name }} {{ end }}{{ end }}
{{- end }}
