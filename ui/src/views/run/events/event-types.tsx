import { UnstyledButton } from '@mantine/core'
import { useDeferredValue, useMemo } from 'react'
import { typeCounts } from '../../../fold/event-filter.ts'
import { formatCount } from '../../../format/numbers.ts'
import { EventType } from '../../../parts/event-type.tsx'
import { useRun } from '../run-context.ts'
import styles from './events.module.css'

/** The filter by type, with how many there are up to the moment that is shown. */
export function EventTypes() {
  const { log, version, search, navigate } = useRun()
  const ordinal = useDeferredValue(useRun().ordinal)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log changes in place, so its version tells of changes
  const counts = useMemo(() => typeCounts(log, ordinal), [log, version, ordinal])
  const chosen = search.type?.split(',') ?? []

  function toggle(type: string): void {
    const next = chosen.includes(type) ? chosen.filter((item) => item !== type) : [...chosen, type]
    navigate({ type: next.length === 0 ? undefined : next.join(',') })
  }

  return (
    <aside className={styles.types} aria-label="Event types">
      <UnstyledButton
        className={styles.typeRow}
        data-on={chosen.length === 0 || undefined}
        aria-pressed={chosen.length === 0}
        onClick={() => navigate({ type: undefined })}
      >
        <span>All types</span>
        <span className="num faint">{formatCount(ordinal)}</span>
      </UnstyledButton>
      {counts.map(({ type, count }) => (
        <UnstyledButton
          key={type}
          className={styles.typeRow}
          data-on={chosen.includes(type) || undefined}
          aria-pressed={chosen.includes(type)}
          onClick={() => toggle(type)}
        >
          <EventType type={type} />
          <span className="num faint">{formatCount(count)}</span>
        </UnstyledButton>
      ))}
    </aside>
  )
}
