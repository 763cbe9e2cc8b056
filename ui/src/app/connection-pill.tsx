/** Says whether what is shown is live. It never claims more than the socket knows. */
import { Tooltip, UnstyledButton } from '@mantine/core'
import { useEffect, useState } from 'react'
import { formatMoment } from '../format/time.ts'
import type { LiveState } from '../live/event-socket.ts'
import { useLiveHub, useLiveState } from '../live/live-context.tsx'
import styles from './connection-pill.module.css'
import { useTokenNeed } from './token-gate.tsx'

export function ConnectionPill() {
  const token = useTokenNeed()
  const state = useLiveState()
  // Another tab may have given it since.
  return token.wanted && state.kind !== 'live' ? <TokenPill ask={token.ask} /> : <LivePill state={state} />
}

// internal

function LivePill({ state }: { state: LiveState }) {
  const hub = useLiveHub()
  const now = useSecondsWhile(state.kind === 'waiting')
  const since = hub.liveUntil === undefined ? '' : ` What is shown is as of ${formatMoment(hub.liveUntil)}.`
  return (
    <Tooltip label={`${hintOf(state)}${state.kind === 'live' ? '' : since}`}>
      <UnstyledButton
        className={styles.pill}
        data-state={state.kind}
        onClick={hub.retryNow}
        aria-live="polite"
      >
        <span className={styles.dot} />
        {labelOf(state, now)}
      </UnstyledButton>
    </Tooltip>
  )
}

/** The server answers, so it is not away; until it has its token it refuses the connection. */
function TokenPill({ ask }: { ask: () => void }) {
  return (
    <Tooltip label="The server refuses this page without its token. Click to give it.">
      <UnstyledButton className={styles.pill} data-state="waiting" onClick={ask} aria-live="polite">
        <span className={styles.dot} />
        Waits for the token
      </UnstyledButton>
    </Tooltip>
  )
}

function labelOf(state: LiveState, now: number): string {
  switch (state.kind) {
    case 'live':
      return 'Live'
    case 'connecting':
      return 'Connecting'
    case 'paused':
      return 'Paused'
    case 'waiting':
      return `Offline, again in ${Math.max(1, Math.ceil((state.retryAt - now) / 1_000))} s`
  }
}

function hintOf(state: LiveState): string {
  switch (state.kind) {
    case 'live':
      return 'New events appear as they are stored.'
    case 'connecting':
      return 'Connecting to the server.'
    case 'paused':
      return 'The page was hidden, so the connection rests.'
    case 'waiting':
      return `${state.reason} Click to try now.`
  }
}

function useSecondsWhile(on: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!on) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [on])
  return now
}
