/** Watching others. */
import type { Service } from "../model.ts";
import { type ReadyOptions, readyService } from "./ready-service.ts";

/** Prometheus on 9090; mount its configuration as `/etc/prometheus/prometheus.yml`. */
export function Prometheus(options: ReadyOptions = {}): Service {
  return readyService(
    {
      name: "prometheus",
      image: "prom/prometheus:v3.5.0",
      ports: [9090],
      test: "wget --quiet --output-document=- http://127.0.0.1:9090/-/ready",
    },
    options,
  );
}

/** Grafana on 3000, open to everybody who reaches it. */
export function Grafana(options: ReadyOptions = {}): Service {
  return readyService(
    {
      name: "grafana",
      image: "grafana/grafana:12.1.0",
      ports: [3000],
      environment: { GF_AUTH_ANONYMOUS_ENABLED: "true", GF_AUTH_ANONYMOUS_ORG_ROLE: "Admin" },
      test: "wget --quiet --output-document=- http://127.0.0.1:3000/api/health",
    },
    options,
  );
}

/** Jaeger, for traces: its pages on 16686, OpenTelemetry's protocol on 4317 and 4318. */
export function Jaeger(options: ReadyOptions = {}): Service {
  return readyService({ name: "jaeger", image: "jaegertracing/jaeger:2.9.0", ports: [16686, 4317, 4318] }, options);
}
