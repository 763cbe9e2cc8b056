/** The panel beside every tab: the event or the node that is open. */
import { useRun } from '../run-context.ts'
import { EventPanel } from './event-panel.tsx'
import { NodePanel } from './node-panel.tsx'
import styles from './panel.module.css'

export function SidePanel() {
  const { search } = useRun()
  if (search.event !== undefined)
    return (
      <aside className={styles.panel} aria-label="Event">
        <EventPanel key={search.event} ordinal={search.event} />
      </aside>
    )
  if (search.node !== undefined)
    return (
      <aside className={styles.panel} aria-label="Node">
        <NodePanel key={search.node} nodeId={search.node} />
      </aside>
    )
  return null
}
