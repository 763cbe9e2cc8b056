/** One look at the whole server, for `/api/health` and `status`. */
import type { Health } from '../wire/health-api.ts'
import { type Config, redactUrl } from './config.ts'
import { databaseBytes } from './databases.ts'
import type { EventRecorder } from './event-recorder.ts'

export interface HealthDeps {
  config: Config
  recorder: EventRecorder
  version: string
  /** As `performance.now()` gives it. */
  startedAt: number
  experimentsDatabase: string
  /** How many user interfaces watch experiments. */
  uis(): number
}

export async function readHealth(deps: HealthDeps): Promise<Health> {
  const { config, recorder } = deps
  const { accepted, duplicates, rejected } = recorder.pipeline.counters()
  const storeError = recorder.pipeline.storeError()
  const redis = redisHealth(config, recorder)
  // After a start nothing is known of what was recorded before.
  const lastEvent = recorder.state.lastEvent() ?? (await recorder.reader.call('newestEvent', null))
  return {
    status: storeError === null && redis.state !== 'reconnecting' ? 'ok' : 'degraded',
    version: deps.version,
    pid: process.pid,
    uptime_seconds: (performance.now() - deps.startedAt) / 1000,
    database: {
      path: config.dbPath,
      bytes: databaseBytes(config.dbPath),
      state: storeError === null ? 'ok' : 'failing',
      error: storeError,
    },
    experiments_database: { path: deps.experimentsDatabase, bytes: databaseBytes(deps.experimentsDatabase) },
    redis,
    clients: recorder.hub.subscribers(),
    uis: deps.uis(),
    runs: await recorder.reader.call('countRuns', null),
    last_event: lastEvent && {
      event_type: lastEvent.event_type,
      run_id: lastEvent.run_id,
      timestamp: lastEvent.timestamp,
    },
    current_run_id: recorder.state.liveRunId(),
    counters: {
      ...{ accepted, duplicates, rejected },
      broadcast: recorder.hub.delivered(),
      dropped_clients: recorder.droppedClients(),
    },
  }
}

/** Why events cannot be taken now; null when they can. */
export function unreadiness(recorder: EventRecorder): string | null {
  const error = recorder.pipeline.storeError()
  return error === null ? null : `the database refuses events: ${error}`
}

// internal

function redisHealth(config: Config, recorder: EventRecorder): Health['redis'] {
  const streams = recorder.streams.map((stream) => ({ ...stream.health() }))
  if (config.redisUrl === null) return { state: 'off', url: null, streams }
  const isConnected = streams.every(({ state }) => state === 'reading' || state === 'stalled')
  return { state: isConnected ? 'connected' : 'reconnecting', url: redactUrl(config.redisUrl), streams }
}
