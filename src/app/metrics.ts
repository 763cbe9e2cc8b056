/** What Prometheus reads from `/metrics`; every value is taken when it is asked for. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { EventRecorder } from './event-recorder.ts'

/** A registry of its own per server, so that one process can hold several. */
export function createMetrics(recorder: EventRecorder, databaseBytes: () => number): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      ...{ name, help, registers: [registry] },
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(read())
      },
    })
  }
  const { pipeline, hub } = recorder
  counter('ao_events_accepted_total', 'Events recorded', () => pipeline.counters().accepted)
  counter(
    'ao_events_duplicate_total',
    'Events that were recorded before and skipped',
    () => pipeline.counters().duplicates,
  )
  counter('ao_events_rejected_total', 'Input that was refused', () => pipeline.counters().rejected)
  counter(
    'ao_events_unfolded_total',
    'Events that are recorded, but that graphs and totals go without because folding them failed',
    () => pipeline.counters().unfolded,
  )
  counter('ao_messages_sent_total', 'Messages handed to WebSocket clients', () => hub.delivered())
  counter(
    'ao_clients_dropped_total',
    'WebSocket clients closed because they did not read',
    recorder.droppedClients,
  )
  gauge('ao_clients', 'WebSocket clients', () => hub.subscribers())
  gauge('ao_database_bytes', 'Size of the event database with its log', databaseBytes)
  gauge('ao_database_ok', '1 while the database takes events', () => (pipeline.storeError() === null ? 1 : 0))
  addStreamMetrics(registry, recorder)
  return registry
}

// internal

function addStreamMetrics(registry: Registry, { streams }: EventRecorder): void {
  const perStream = (
    name: string,
    help: string,
    read: (health: ReturnType<(typeof streams)[number]['health']>) => number,
  ) => {
    new Gauge({
      ...{ name, help, labelNames: ['stream'], registers: [registry] },
      collect() {
        for (const stream of streams) this.set({ stream: stream.health().stream }, read(stream.health()))
      },
    })
  }
  perStream('ao_redis_connected', '1 while the stream is read', ({ state }) => (state === 'reading' ? 1 : 0))
  perStream('ao_stream_lag', 'Entries still to be read; -1 when unknown', ({ lag }) => lag ?? -1)
  perStream('ao_stream_lost', 'Entries trimmed before they could be read', ({ lost }) => lost)
}
