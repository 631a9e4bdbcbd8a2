/** Figures for Prometheus. */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { JOB_STATES, type Service } from '../service/service.ts';

export interface Metrics {
  /** @param route path of the document, not of the request: a label has few values */
  observe(method: string, route: string, status: number, seconds: number): void;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function startMetrics(service: Service): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'vouch_http_request_seconds',
    help: 'Time from the request to the end of its answer, streams of events left out.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name, help, labelNames, registers });
  const jobs = gauge('vouch_jobs', 'Jobs by state.', ['state']);
  const waiting = gauge('vouch_queue_waiting', 'Jobs that wait for a worker.');
  const most = gauge('vouch_queue_most_waiting', 'Jobs that may wait.');
  const workers = gauge('vouch_workers', 'Workers that were seen lately.');
  const blobs = gauge('vouch_blob_bytes', 'Bytes of programs, inputs and receipts on disk.');
  const ready = gauge('vouch_ready', '1 if the service takes requests.');
  return {
    contentType: registry.contentType,
    observe: (method, route, status, seconds) =>
      requests.labels(method, route, String(status)).observe(seconds),
    async text() {
      const health = await service.health();
      for (const state of JOB_STATES) jobs.labels(state).set(health.jobs[state]);
      waiting.set(health.waiting);
      most.set(health.mostWaiting);
      workers.set(health.workers);
      blobs.set(health.blobBytes);
      ready.set(health.ready ? 1 : 0);
      return registry.metrics();
    },
  };
}
