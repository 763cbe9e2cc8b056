import { SegmentedControl, Select, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { HomeSearch } from '../../app/router.tsx'
import { oneOf } from '../../app/search-params.ts'
import styles from './home.module.css'

const KINDS = ['runs', 'experiments'] as const
const STATUSES = ['running', 'completed', 'error'] as const

export function HomeFilters({ search, change }: { search: HomeSearch; change: (part: HomeSearch) => void }) {
  return (
    <div className={styles.filters}>
      <SearchInput value={search.q} change={(q) => change({ q })} />
      <SegmentedControl
        size="xs"
        aria-label="Kind"
        value={search.kind ?? 'all'}
        onChange={(kind) => change({ kind: oneOf(kind, KINDS) })}
        data={[
          { value: 'all', label: 'All' },
          { value: 'runs', label: 'Runs' },
          { value: 'experiments', label: 'Experiments' },
        ]}
      />
      <Select
        size="xs"
        w={130}
        aria-label="Status"
        placeholder="Any status"
        clearable
        value={search.status ?? null}
        onChange={(status) => change({ status: oneOf(status, STATUSES) })}
        data={[
          { value: 'running', label: 'Running' },
          { value: 'completed', label: 'Completed' },
          { value: 'error', label: 'Failed' },
        ]}
      />
    </div>
  )
}

// internal

/** Keeps its own text while someone types; the address follows shortly after. */
function SearchInput({
  value,
  change,
}: {
  value: string | undefined
  change: (text: string | undefined) => void
}) {
  const [text, setText] = useState(value ?? '')
  useEffect(() => setText(value ?? ''), [value])
  useEffect(() => {
    if (text === (value ?? '')) return
    const timer = setTimeout(() => change(text === '' ? undefined : text), 180)
    return () => clearTimeout(timer)
  }, [text, value, change])
  return (
    <TextInput
      size="xs"
      w={240}
      data-search
      aria-label="Search runs"
      placeholder="Search goal or id"
      leftSection={<Search size={13} />}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  )
}
