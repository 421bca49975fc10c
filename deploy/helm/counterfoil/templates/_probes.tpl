{{- /* Ready is who has followed the feed to its end; before it is told to stop, nobody sends to it any more who has another. */ -}}
{{- define "counterfoil.probes" -}}
startupProbe:
  httpGet: {path: /livez, port: {{ . }}}
  periodSeconds: 2
  failureThreshold: 300
livenessProbe:
  httpGet: {path: /livez, port: {{ . }}}
  periodSeconds: 10
  timeoutSeconds: 3
readinessProbe:
  httpGet: {path: /readyz, port: {{ . }}}
  periodSeconds: 2
  timeoutSeconds: 3
lifecycle:
  preStop:
    exec:
      command: [sleep, "5"]
{{- end }}
