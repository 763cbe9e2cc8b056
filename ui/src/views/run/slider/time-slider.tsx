/** The time slider: drag it, and the whole view is as it was after that event. */
import { ActionIcon, Menu, Tooltip, UnstyledButton } from '@mantine/core'
import { Pause, Play, Radio } from 'lucide-react'
import { useRef } from 'react'
import { summarise } from '../../../fold/event-summary.ts'
import { formatCount } from '../../../format/numbers.ts'
import { useLiveState } from '../../../live/live-context.tsx'
import { Clock } from '../../../parts/moment.tsx'
import { type RunView, useRun } from '../run-context.ts'
import { summaryOf } from '../run-totals.ts'
import { useHeardLately } from '../use-heard-lately.ts'
import { DensityCanvas } from './density-canvas.tsx'
import { SPEEDS } from './playback.ts'
import styles from './slider.module.css'
import { type Playback, usePlayback } from './use-playback.ts'
import { useRunKeys } from './use-run-keys.ts'

export function TimeSlider() {
  const run = useRun()
  const playback = usePlayback()
  useRunKeys(playback)
  const event = run.log.at(run.ordinal)
  return (
    <footer className={styles.bar}>
      <Tooltip label={playback.playing ? 'Pause (space)' : 'Play (space)'}>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={playback.playing ? 'Pause' : 'Play'}
          disabled={run.log.head === 0}
          onClick={playback.toggle}
        >
          {playback.playing ? <Pause size={15} /> : <Play size={15} />}
        </ActionIcon>
      </Tooltip>
      <SpeedMenu playback={playback} />
      <Track />
      <div className={styles.place}>
        <span className="num">
          <b>{formatCount(run.ordinal)}</b> <span className="faint">/ {formatCount(eventCount(run))}</span>
        </span>
        <span className={`dim ${styles.time}`}>
          {event !== undefined && <Clock timestamp={event.timestamp} time={event.time} />}
        </span>
      </div>
      <FollowButton />
      <span className={styles.caption} title={event === undefined ? '' : summarise(event)}>
        {event?.event_type ?? ''}
      </span>
    </footer>
  )
}

// internal

function Track() {
  const { log, ordinal, following, seek, follow } = useRun()
  const track = useRef<HTMLDivElement>(null)
  const first = Math.max(1, log.base)
  const share = log.head <= first ? 1 : (ordinal - first) / (log.head - first)

  function seekTo(clientX: number): void {
    const box = track.current?.getBoundingClientRect()
    if (box === undefined || log.head === 0) return
    const at = Math.min(1, Math.max(0, (clientX - box.left) / box.width))
    seek(first + at * (log.head - first))
  }

  return (
    <div
      ref={track}
      className={styles.track}
      role="slider"
      tabIndex={0}
      aria-label="Moment of the run"
      aria-valuemin={first}
      aria-valuemax={Math.max(first, log.head)}
      aria-valuenow={Math.max(first, ordinal)}
      aria-valuetext={`after event ${ordinal} of ${log.head}${following ? ', following' : ''}`}
      onDoubleClick={follow}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        seekTo(event.clientX)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event.clientX)
      }}
    >
      <DensityCanvas />
      <div className={styles.future} style={{ left: `${share * 100}%` }} />
      <div
        className={styles.handle}
        style={{ left: `${share * 100}%` }}
        data-following={following || undefined}
      />
    </div>
  )
}

/** All events of the run: while it loads, those still to come are counted as well. */
function eventCount({ feed, log, record }: RunView): number {
  return feed.kind === 'ready' ? log.head : Math.max(log.head, record?.events ?? 0)
}

function FollowButton() {
  const run = useRun()
  const connected = useLiveState().kind === 'live'
  const newest = summaryOf({ ...run, following: true, state: run.log.stateAt(run.log.head) })
  const live = useHeardLately(newest) && connected
  const label = live ? 'Live' : 'Latest'
  return (
    <Tooltip label={live ? 'Follow new events (End)' : 'Go to the newest event (End)'}>
      <UnstyledButton
        className={styles.follow}
        data-on={run.following || undefined}
        data-live={live || undefined}
        aria-pressed={run.following}
        onClick={run.follow}
      >
        <Radio size={13} />
        {label}
      </UnstyledButton>
    </Tooltip>
  )
}

function SpeedMenu({ playback }: { playback: Playback }) {
  return (
    <Menu position="top-start" width={110}>
      <Menu.Target>
        <UnstyledButton className={styles.speed} aria-label={`Speed ${playback.speed} times`}>
          {playback.speed}×
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {SPEEDS.map((speed) => (
          <Menu.Item
            key={speed}
            onClick={() => playback.setSpeed(speed)}
            fw={speed === playback.speed ? 650 : 400}
          >
            {speed}×
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
