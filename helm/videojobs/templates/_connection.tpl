{{- /*
What is in the Secret that the chart makes, as JSON; nothing where there is an existingSecret. The password is made
once and then taken from the cluster, so that an upgrade keeps it. Kept in the root of one rendering, so that the
Secret and the checksums of one installation are of the same new password.
*/}}
{{- define "videojobs.connection" -}}
{{- if not (hasKey . "connection") }}
{{- $_ := set . "connection" (include "videojobs.connection.make" .) }}
{{- end }}
{{- .connection }}
{{- end }}

{{- define "videojobs.connection.make" -}}
{{- $name := include "videojobs.redis.name" . }}
{{- if and .Values.redis.enabled (not .Values.redis.existingSecret) }}
{{- $there := lookup "v1" "Secret" .Release.Namespace $name }}
{{- $password := randAlphaNum 40 }}
{{- if and $there $there.data (get $there.data "redis-password") }}
{{- $password = get $there.data "redis-password" | b64dec }}
{{- end }}
{{- dict "redis-password" $password "redis-url" (printf "redis://:%s@%s.%s.svc:6379/0" $password $name .Release.Namespace) | toJson }}
{{- else if and (not .Values.redis.enabled) (not .Values.externalRedis.existingSecret) }}
{{- with .Values.externalRedis }}
{{- $login := "" }}
{{- if or .username .password }}
{{- $login = printf "%s:%s@" (.username | urlquery | replace "+" "%20") (.password | urlquery | replace "+" "%20") }}
{{- end }}
{{- dict "redis-url" (printf "%s://%s%s:%d/%d" (ternary "rediss" "redis" .tls) $login .host (int .port) (int .db)) | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- /* An annotation of pods that read the Secret: they read it once, and must start anew when it changes. */}}
{{- define "videojobs.connection.annotation" -}}
{{- with include "videojobs.connection" . -}}
checksum/connection: {{ sha256sum . }}
{{- end }}
{{- end }}
