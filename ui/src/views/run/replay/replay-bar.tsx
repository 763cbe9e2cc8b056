import { ActionIcon, Progress, Tooltip } from '@mantine/core'
import { Square, X } from 'lucide-react'
import type { ReplayAnswer } from '../../../../../src/wire/replay-api.ts'
import { formatCount } from '../../../format/numbers.ts'
import styles from './replay.module.css'

interface ReplayBarProps {
  status: ReplayAnswer
  end: () => Promise<void>
  dismiss: () => void
}

export function ReplayBar({ status, end, dismiss }: ReplayBarProps) {
  const running = status.state === 'running'
  return (
    <div
      className={styles.bar}
      role="status"
      aria-label="Replay"
      title={status.error ?? status.event_type ?? ''}
    >
      <span className={styles.label} data-bad={status.state === 'failed' || undefined}>
        {LABELS[status.state]}
      </span>
      <Progress
        className={styles.progress}
        value={(100 * status.done) / Math.max(1, status.total)}
        size={4}
        aria-label="Progress of the replay"
      />
      <span className="num dim">
        {formatCount(status.done)} / {formatCount(status.total)}
      </span>
      <Tooltip label={running ? 'Stop the replay' : 'Close'}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={running ? 'Stop the replay' : 'Close the replay'}
          onClick={() => (running ? void end() : dismiss())}
        >
          {running ? <Square size={12} /> : <X size={13} />}
        </ActionIcon>
      </Tooltip>
    </div>
  )
}

// internal

const LABELS: Record<ReplayAnswer['state'], string> = {
  running: 'Replaying',
  finished: 'Replayed',
  stopped: 'Replay stopped',
  failed: 'Replay failed',
}
