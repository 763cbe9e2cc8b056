/** Plays the sample agent inside the server, for a person who presses a button on the page. */
import { AppError } from '../../domain/errors.ts'
import type { Log } from '../../domain/log.ts'
import type { Batcher } from '../../ingest/batcher.ts'
import { decodeText, type InputLimits } from '../../ingest/incoming.ts'
import { runDemoAgent } from './demo-agent.ts'

export interface DemoPlayer {
  /** Begins a demo and returns the id of its run at once. Throws AppError `conflict` while another one is played. */
  play(): string
  /** Ends what is played; idempotent. */
  stop(): Promise<void>
}

export interface DemoPlayerDeps {
  batcher: Batcher
  limits: InputLimits
  log: Log
}

export function createDemoPlayer({ batcher, limits, log }: DemoPlayerDeps): DemoPlayer {
  const end = new AbortController()
  let playing: Promise<void> | undefined

  async function publish(text: string): Promise<void> {
    const origin = { source: () => 'demo', entry: () => '', timestamp: () => new Date().toISOString() }
    const decoded = decodeText(text, origin, limits)
    if (!decoded.ok)
      throw new Error(`the sample agent published an event that was refused: ${decoded.rejected.reason}`)
    await batcher.add({ events: [decoded.incoming], rejected: [] })
  }

  return {
    play() {
      if (playing !== undefined) throw new AppError('conflict', 'the demo is being played already')
      // The agent takes its first id for the run.
      const runId = crypto.randomUUID()
      const ids = [runId]
      playing = runDemoAgent({
        speed: 1,
        publish,
        onPublished: () => undefined,
        signal: end.signal,
        newId: () => ids.pop() ?? crypto.randomUUID(),
      })
        .then(() => undefined)
        .catch((error: unknown) => {
          if (!end.signal.aborted) log.error('the demo ended early', error)
        })
        .finally(() => {
          playing = undefined
        })
      return runId
    },
    async stop() {
      end.abort()
      await playing
    },
  }
}
