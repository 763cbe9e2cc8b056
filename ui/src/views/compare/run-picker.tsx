import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RunRecord } from '../../../../src/wire/run-api.ts'
import { fetchRun, fetchRuns } from '../../api/runs.ts'
import { isolated, oneLine, shortId } from '../../format/text.ts'
import { formatMoment } from '../../format/time.ts'

interface RunPickerProps {
  label: string
  value: string | undefined
  change: (runId: string | undefined) => void
}

/** Chooses a run by goal or id. */
export function RunPicker({ label, value, change }: RunPickerProps) {
  const [text, setText] = useState('')
  const chosen = useChosenRun(value)
  // The box shows what was chosen; only what somebody types instead is searched for.
  const [query] = useDebouncedValue(text === chosen?.label ? '' : text.slice(0, TEXT_MAX), 150)
  const { data } = useQuery({
    queryKey: ['live', 'picker', query],
    queryFn: ({ signal }) => fetchRuns({ text: query, limit: 30 }, signal),
    placeholderData: (before) => before,
  })
  const options = (data?.runs ?? []).map(optionOf)
  if (chosen !== undefined && !options.some((option) => option.value === chosen.value))
    options.unshift(chosen)
  return (
    <Select
      size="xs"
      style={{ flex: 1, minWidth: 0 }}
      aria-label={label}
      placeholder={label}
      searchable
      clearable
      data={options}
      filter={({ options: found }) => found}
      value={value ?? null}
      onChange={(id) => change(id ?? undefined)}
      onSearchChange={setText}
      nothingFoundMessage="No run has this in its goal or id"
      maxDropdownHeight={340}
    />
  )
}

// internal

/** The longest text that the server searches for. */
const TEXT_MAX = 200

interface RunOption {
  value: string
  label: string
}

function optionOf(run: RunRecord): RunOption {
  const name = isolated(oneLine(run.goal ?? run.run_id, 70))
  const start = formatMoment(Date.parse(run.start_time))
  return { value: run.run_id, label: `${name} · ${start} · ${shortId(run.run_id)}` }
}

/** The chosen run, which need not be among those that were found; its id while nothing else is known of it. */
function useChosenRun(runId: string | undefined): RunOption | undefined {
  const { data } = useQuery({
    queryKey: ['live', 'run', runId],
    queryFn: ({ signal }) => fetchRun(runId ?? '', signal),
    enabled: runId !== undefined,
  })
  if (runId === undefined) return undefined
  return data === undefined ? { value: runId, label: runId } : optionOf(data)
}
