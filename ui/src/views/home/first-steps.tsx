/** What to do when nothing was recorded yet. */
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { playDemo } from '../../api/demo.ts'
import { sentenceOf } from '../../api/http.ts'
import { fetchHealth } from '../../api/server.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import styles from './home.module.css'

export function FirstSteps() {
  const demo = useMutation({ mutationFn: playDemo })
  const health = useQuery({ queryKey: ['health'], queryFn: ({ signal }) => fetchHealth(signal) })
  // The first one is as good as the others.
  const stream = health.data?.redis.streams[0]?.stream
  return (
    <div className={styles.first}>
      <h2>Nothing was recorded yet</h2>
      <p className={styles.lead}>
        Send events from an agent, record a program, or play the demo. What arrives shows up here by itself.
      </p>
      <Command title="Send a first event over HTTP" text={curlCommand(location.origin)} />
      {stream !== undefined && (
        <Command title="Or publish it to the Redis stream" text={redisCommand(stream)} />
      )}
      <Command title="Or record a program, to edit and rerun its LLM calls" text="ao-record my_agent.py" />
      <Button leftSection={<Play size={14} />} loading={demo.isPending} onClick={() => demo.mutate()}>
        Play the demo
      </Button>
      {demo.isError && <p className={styles.error}>{sentenceOf(demo.error)}</p>}
    </div>
  )
}

// internal

const EVENT =
  '{"event_type":"run_started","run_id":"my-first-run","payload":{"input_data":{},"config":{},"run_mode":"report"}}'

function redisCommand(stream: string): string {
  return `redis-cli XADD ${stream} '*' json_payload '${EVENT}'`
}

function curlCommand(origin: string): string {
  return `curl -X POST ${origin}/api/events -H 'content-type: application/json' -d '${EVENT}'`
}

function Command({ title, text }: { title: string; text: string }) {
  return (
    <section className={styles.command}>
      <h3>{title}</h3>
      <div className={styles.code}>
        <pre className="mono">{text}</pre>
        <CopyIcon value={text} what="command" />
      </div>
    </section>
  )
}
