{{- /* {root, image, suffix}: REGISTRY/REPOSITORY:TAG, or @DIGEST, which wins. */}}
{{- define "videojobs.image" -}}
{{- $repository := .image.repository }}
{{- with .root.Values.image.registry }}{{ $repository = printf "%s/%s" (trimSuffix "/" .) $repository }}{{ end }}
{{- if and .image.digest (not .suffix) -}}
{{ $repository }}@{{ .image.digest }}
{{- else -}}
{{ $repository }}:{{ .image.tag | default .root.Chart.AppVersion }}{{ .suffix }}
{{- end }}
{{- end }}

{{- define "videojobs.operator.image" -}}
{{ include "videojobs.image" (dict "root" . "image" .Values.operator.image "suffix" "") }}
{{- end }}

{{- /* Pod security profile "restricted"; user 10001 is that of our images, and any will do for Redis. */}}
{{- define "videojobs.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "videojobs.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end }}

{{- /* Where a pod may run, from a block of values. */}}
{{- define "videojobs.scheduling" -}}
{{- with .nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toYaml . | nindent 0 }}
{{- end }}
{{- with .affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .topologySpreadConstraints }}
topologySpreadConstraints: {{ toYaml . | nindent 0 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "videojobs.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 0 }}
{{- end }}
{{- end }}

{{- /* Pod of a hook or of the test: {root, serviceAccount, arguments, env, labels}. */}}
{{- define "videojobs.oncePod" -}}
serviceAccountName: {{ .serviceAccount }}
restartPolicy: Never
enableServiceLinks: false
{{- include "videojobs.pullSecrets" .root }}
securityContext: {{ include "videojobs.podSecurityContext" .root | nindent 2 }}
{{- include "videojobs.scheduling" (omit .root.Values.operator "topologySpreadConstraints" "affinity") }}
containers:
- name: install
  image: {{ include "videojobs.operator.image" .root }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [python, -m, videojobs_operator.install, {{ join ", " .arguments }}]
  {{- with .env }}
  env: {{ toYaml . | nindent 2 }}
  {{- end }}
  securityContext: {{ include "videojobs.securityContext" .root | nindent 4 }}
  resources:
    requests: {cpu: 50m, memory: 128Mi}
    limits: {memory: 256Mi}
  volumeMounts:
  - {name: tmp, mountPath: /tmp}
volumes:
- name: tmp
  emptyDir: {}
{{- end }}
