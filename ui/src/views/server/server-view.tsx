/** The server at a glance. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CircleAlert } from 'lucide-react'
import type { Health, StreamHealth } from '../../../../src/wire/health-api.ts'
import { sentenceOf } from '../../api/http.ts'
import { fetchHealth } from '../../api/server.ts'
import { formatBytes, formatCount, formatMs } from '../../format/numbers.ts'
import { Blank } from '../../parts/blank.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Card, Fact } from './card.tsx'
import { RejectedInput } from './rejected-input.tsx'
import styles from './server.module.css'

const REFRESH_MS = 2_000

export function ServerView() {
  const { data, error, refetch, dataUpdatedAt } = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => fetchHealth(signal),
    refetchInterval: REFRESH_MS,
    // It is asked again in a moment anyway, and that all is well must not be said of a server that is gone.
    retry: false,
  })
  if (data === undefined)
    return error === null ? (
      <Blank title="Asking the server" />
    ) : (
      <Blank icon={<CircleAlert size={20} />} title="The server does not answer" text={sentenceOf(error)}>
        <Button variant="default" onClick={() => void refetch()}>
          Try again
        </Button>
      </Blank>
    )
  return (
    <div className={styles.view}>
      <div className={styles.head}>
        <h1>Server</h1>
        <span className={styles.verdict} data-bad={data.status !== 'ok' || error !== null || undefined}>
          {error !== null ? 'No answer' : data.status === 'ok' ? 'All is well' : 'Something is wrong'}
        </span>
        <span className="dim">
          Version {data.version}, process {data.pid}, up {formatMs(data.uptime_seconds * 1_000)}
        </span>
      </div>
      {error !== null && (
        <p className={styles.stale}>
          What is shown is as of <Moment timestamp={new Date(dataUpdatedAt).toISOString()} />.{' '}
          {sentenceOf(error)}
        </p>
      )}
      <HealthCards health={data} />
      <RejectedInput />
    </div>
  )
}

// internal

function HealthCards({ health }: { health: Health }) {
  const { counters, database, experiments_database: experiments, redis } = health
  return (
    <div className={styles.cards}>
      <Card
        title="Redis"
        state={redis.state === 'off' ? 'Off' : redis.state === 'connected' ? 'Connected' : 'Reconnecting'}
        bad={redis.state === 'reconnecting'}
      >
        <Fact name="Address">{redis.url ?? 'none: REDIS_URL is off, events come over HTTP only'}</Fact>
        {redis.streams.map((stream) => (
          <StreamFacts key={stream.stream} stream={stream} />
        ))}
      </Card>
      <Card title="Events">
        <Fact name="Recorded">{formatCount(counters.accepted)}</Fact>
        <Fact name="Known already">{formatCount(counters.duplicates)}</Fact>
        <Fact name="Refused" bad={counters.rejected > 0}>
          {formatCount(counters.rejected)}
        </Fact>
        <Fact name="Sent to clients">{formatCount(counters.broadcast)}</Fact>
        <Fact name="Last event">
          {health.last_event === null ? 'none yet' : <Moment timestamp={health.last_event.timestamp} />}
        </Fact>
      </Card>
      <Card
        title="Database"
        state={database.state === 'ok' ? 'Writing' : 'Refuses'}
        bad={database.state !== 'ok'}
      >
        {database.error !== null && <p className={styles.error}>{database.error}</p>}
        <Fact name="Size">{formatBytes(database.bytes)}</Fact>
        <Fact name="Runs">{formatCount(health.runs)}</Fact>
        <Fact name="File">
          <span className="mono wrap-anywhere">{database.path}</span>
        </Fact>
        <Fact name="Experiments">
          {formatBytes(experiments.bytes)}{' '}
          <span className="mono faint wrap-anywhere">{experiments.path}</span>
        </Fact>
      </Card>
      <Card title="Clients">
        <Fact name="Connected">{formatCount(health.clients)}</Fact>
        <Fact name="Closed for not reading" bad={counters.dropped_clients > 0}>
          {formatCount(counters.dropped_clients)}
        </Fact>
      </Card>
    </div>
  )
}

function StreamFacts({ stream }: { stream: StreamHealth }) {
  const bad = stream.state === 'reconnecting' || stream.state === 'stalled'
  return (
    <div className={styles.stream}>
      <Fact name="Stream">
        <span className="mono">{stream.stream}</span>
      </Fact>
      <Fact name="State" bad={bad}>
        {stream.state}
      </Fact>
      <Fact name="Lag">{stream.lag === null ? 'unknown' : `${formatCount(stream.lag)} entries`}</Fact>
      {stream.lost > 0 && (
        <Fact name="Trimmed before they were read" bad>
          {formatCount(stream.lost)}
        </Fact>
      )}
      <Fact name="Position">
        <span className="mono">{stream.position ?? 'none yet'}</span>
      </Fact>
      {stream.error !== null && <p className={styles.error}>{stream.error}</p>}
    </div>
  )
}
