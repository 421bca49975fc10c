{{- define "counterfoil.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "counterfoil.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "counterfoil.labels" -}}
{{ include "counterfoil.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "counterfoil.image" -}}
{{ printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}

{{- define "counterfoil.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "counterfoil.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "counterfoil.bus" -}}
{{- with .Values.nats.url }}
- name: COUNTERFOIL_NATS
  value: {{ . | quote }}
{{- end }}
{{- if .Values.nats.existingSecret }}
- name: COUNTERFOIL_NATS_CREDENTIALS
  value: /run/counterfoil/nats/credentials
{{- end }}
{{- end }}

{{- /* A gate beside its office is told by that what is new; a gate alone has files and a bus of its own. */ -}}
{{- define "counterfoil.gateEnvironment" -}}
- name: COUNTERFOIL_LOG_LEVEL
  value: {{ .Values.logLevel }}
{{- if .Values.gate.office }}
{{- include "counterfoil.bus" . }}
{{- end }}
{{- with .Values.gate.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "counterfoil.files" -}}
{{- if .Values.nats.existingSecret }}
- {name: nats, mountPath: /run/counterfoil/nats, readOnly: true}
{{- end }}
{{- if .Values.mounted.existingSecret }}
- {name: mounted, mountPath: /run/counterfoil/mounted, readOnly: true}
{{- end }}
{{- end }}

{{- define "counterfoil.fileVolumes" -}}
{{- if .Values.nats.existingSecret }}
- name: nats
  secret: {secretName: {{ .Values.nats.existingSecret }}, defaultMode: 0440}
{{- end }}
{{- if .Values.mounted.existingSecret }}
- name: mounted
  secret: {secretName: {{ .Values.mounted.existingSecret }}, defaultMode: 0440}
{{- end }}
{{- end }}

{{- define "counterfoil.environment" -}}
- name: COUNTERFOIL_LOG_LEVEL
  value: {{ .Values.logLevel }}
{{- with .Values.baseUrl }}
- name: COUNTERFOIL_BASE_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.files }}
- name: COUNTERFOIL_FILES
  value: {{ . | quote }}
{{- end }}
{{- with .Values.database.existingSecret }}
- name: COUNTERFOIL_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: url
{{- end }}
{{- include "counterfoil.bus" . }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "counterfoil.require" -}}
{{- if .Values.gate.office }}
{{- if not .Values.gate.enabled }}{{ fail "gate.office needs gate.enabled: nothing else would run" }}{{ end }}
{{- if not .Values.gate.credentialSecret }}{{ fail "gate.office needs gate.credentialSecret, by which the office knows the gate" }}{{ end }}
{{- if .Values.revocations.size }}{{ fail "revocations: with gate.office there is no office here, which keeps that journal" }}{{ end }}
{{- if .Values.env }}{{ fail "env: with gate.office there is no office here; gate.env is the gate's" }}{{ end }}
{{- if gt (int .Values.replicas) 1 }}{{ fail "replicas: a credential is for one gate, so each gate that follows gate.office is a release of its own" }}{{ end }}
{{- else if .Values.gate.credentialSecret }}{{ fail "gate.credentialSecret needs gate.office" }}
{{- else if gt (int .Values.replicas) 1 }}
{{- if not .Values.database.existingSecret }}{{ fail "replicas: more than one needs database.existingSecret, for the embedded database is one pod's" }}{{ end }}
{{- if not .Values.keys.existingSecret }}{{ fail "replicas: more than one needs keys.existingSecret, for all sign the trail and the cursors alike" }}{{ end }}
{{- if not .Values.files }}{{ fail "replicas: more than one needs files, a bucket that all of them reach" }}{{ end }}
{{- end }}
{{- if and .Values.nats.existingSecret (not .Values.nats.url) }}{{ fail "nats.existingSecret needs nats.url" }}{{ end }}
{{- if and .Values.gate.enabled (not .Values.gate.existingSecret) }}{{ fail "gate.enabled needs gate.existingSecret: whoever reaches the gate is believed" }}{{ end }}
{{- end }}
