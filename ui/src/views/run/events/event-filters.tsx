import { ActionIcon, Loader, TextInput, Tooltip, UnstyledButton } from '@mantine/core'
import { ArrowDownWideNarrow, ArrowUpNarrowWide, Search, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { plural, shortId } from '../../../format/text.ts'
import { useRun } from '../run-context.ts'
import styles from './events.module.css'
import type { EventRows } from './use-event-rows.ts'

export function EventFilters({ rows }: { rows: EventRows }) {
  const { search, navigate } = useRun()
  const oldestFirst = search.order === 'oldest'
  return (
    <div className={styles.filters}>
      <TextFilter />
      <NodeChip />
      <span className={`dim num ${styles.found}`} aria-live="polite">
        {rows.searching !== undefined && <Loader size={11} mr={6} />}
        {plural(rows.count, 'event')}
      </span>
      <Tooltip label={oldestFirst ? 'Oldest first' : 'Newest first'}>
        <ActionIcon
          variant="default"
          size={28}
          aria-label={oldestFirst ? 'Oldest first; show newest first' : 'Newest first; show oldest first'}
          onClick={() => navigate({ order: oldestFirst ? undefined : 'oldest' })}
        >
          {oldestFirst ? <ArrowUpNarrowWide size={15} /> : <ArrowDownWideNarrow size={15} />}
        </ActionIcon>
      </Tooltip>
    </div>
  )
}

// internal

function TextFilter() {
  const { search, navigate } = useRun()
  const [text, setText] = useState(search.q ?? '')
  useEffect(() => setText(search.q ?? ''), [search.q])
  useEffect(() => {
    if (text === (search.q ?? '')) return
    const timer = setTimeout(() => navigate({ q: text === '' ? undefined : text }), 150)
    return () => clearTimeout(timer)
  }, [text, search.q, navigate])
  return (
    <TextInput
      size="xs"
      w={260}
      data-search
      aria-label="Search events"
      placeholder="Search in events"
      leftSection={<Search size={13} />}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  )
}

function NodeChip() {
  const { search, state, navigate } = useRun()
  if (search.of === undefined) return null
  const node = state.graph.nodes.get(search.of)
  return (
    <UnstyledButton
      className={styles.chip}
      onClick={() => navigate({ of: undefined })}
      aria-label="Events of all nodes"
    >
      Node {node === undefined || node.nid === '' ? shortId(search.of) : node.nid}
      <X size={12} />
    </UnstyledButton>
  )
}
