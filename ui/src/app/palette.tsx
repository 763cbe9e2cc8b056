/** The command palette: go to a run, an experiment, a node or a view, or do something. */
import { useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Spotlight, useSpotlight } from '@mantine/spotlight'
import '@mantine/spotlight/styles.css'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { use, useEffect, useState } from 'react'
import { fetchExperiments } from '../api/experiments.ts'
import { fetchRuns } from '../api/runs.ts'
import { oneLine } from '../format/text.ts'
import styles from './palette.module.css'
import { CommandSourcesContext, type PaletteCommand, palette, paletteStore } from './palette-store.ts'

export function Palette() {
  const [query, setQuery] = useState('')
  // Read from the store: a key may have opened the palette before this file was loaded.
  const { opened } = useSpotlight(paletteStore)
  const { commands, complete } = useCommands(query, opened)
  const [entered, setEntered] = useState<string>()
  // What was entered before its answer came opens the first of what is found.
  useEffect(() => {
    if (entered !== query || !complete) return
    setEntered(undefined)
    openFirst(commands)
  }, [entered, query, complete, commands])
  const groups = Map.groupBy(commands, (command) => command.group)
  return (
    <Spotlight.Root
      store={paletteStore}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={420}
      radius={10}
      classNames={{ content: styles.palette ?? '' }}
      attributes={{ content: { 'aria-label': 'Command palette' } }}
    >
      <Spotlight.Search
        placeholder="Go to run, node or command"
        leftSection={<Search size={16} />}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && nothingIsSelected(event.currentTarget)) setEntered(query)
        }}
      />
      <Spotlight.ActionsList>
        {commands.length === 0 && <Spotlight.Empty>Nothing has this in its name</Spotlight.Empty>}
        {[...groups].map(([group, items]) => (
          <Spotlight.ActionsGroup key={group} label={group}>
            {items.map((item) => (
              <Spotlight.Action
                key={item.id}
                classNames={ACTION_STYLES}
                label={item.label}
                {...(item.hint === undefined ? {} : { description: item.hint })}
                onClick={item.run}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

// internal

/** Runs, and experiments, that are listed. */
const FOUND_MAX = 8

const ACTION_STYLES = {
  actionBody: styles.body ?? '',
  actionLabel: styles.line ?? '',
  actionDescription: styles.line ?? '',
}

/** Runs that are found after the last key press are not selected by the kit; Enter means the first of them then. */
function nothingIsSelected(input: HTMLElement): boolean {
  return input.closest('[role="dialog"]')?.querySelector('[data-selected]') === null
}

function openFirst(commands: readonly PaletteCommand[]): void {
  const first = commands[0]
  if (first === undefined) return
  palette.close()
  first.run()
}

/** `complete`: all that fits the query is there. */
function useCommands(query: string, opened: boolean): { commands: PaletteCommand[]; complete: boolean } {
  const sources = use(CommandSourcesContext)
  const fixed = useFixedCommands()
  const [text] = useDebouncedValue(query.trim(), 120)
  const runs = useRunCommands(text, opened)
  const experiments = useExperimentCommands(text, opened)
  if (!opened) return { commands: [], complete: false }
  const wanted = query.trim().toLowerCase()
  const answered = text === query.trim()
  // Until the answer comes, what was found for the text before is looked through.
  const found = [...runs.commands, ...experiments.commands].filter(
    ({ label, hint }) => answered || `${label} ${hint}`.toLowerCase().includes(wanted),
  )
  const commands = [
    ...sources.find(wanted),
    ...fixed.filter((item) => item.label.toLowerCase().includes(wanted)),
    ...found,
  ]
  return { commands, complete: answered && runs.complete && experiments.complete }
}

function useFixedCommands(): PaletteCommand[] {
  const navigate = useNavigate()
  const { toggleColorScheme } = useMantineColorScheme()
  return [
    { id: 'home', group: 'Go to', label: 'All runs', run: () => void navigate({ to: '/' }) },
    {
      id: 'compare',
      group: 'Go to',
      label: 'Compare two runs',
      run: () => void navigate({ to: '/compare' }),
    },
    { id: 'server', group: 'Go to', label: 'Server', run: () => void navigate({ to: '/server' }) },
    { id: 'theme', group: 'Commands', label: 'Switch between dark and light theme', run: toggleColorScheme },
  ]
}

function useRunCommands(text: string, opened: boolean) {
  const navigate = useNavigate()
  const { data, isPending } = useQuery({
    queryKey: ['live', 'palette', text],
    queryFn: ({ signal }) => fetchRuns({ text, limit: FOUND_MAX }, signal),
    enabled: opened,
  })
  const commands = (data?.runs ?? []).map((run) => ({
    id: `run ${run.run_id}`,
    group: 'Runs',
    label: oneLine(run.goal ?? run.run_id, 90),
    hint: `${run.status} · ${run.run_id}`,
    run: () => void navigate({ to: '/runs/$runId', params: { runId: run.run_id } }),
  }))
  return { commands, complete: !isPending }
}

/** None for a viewer from elsewhere, whom the server does not show experiments. */
function useExperimentCommands(text: string, opened: boolean) {
  const navigate = useNavigate()
  const { data, isPending } = useQuery({
    queryKey: ['experiments', 'palette', text],
    queryFn: ({ signal }) => fetchExperiments({ text, limit: FOUND_MAX }, signal),
    enabled: opened,
  })
  const commands = (data?.experiments ?? []).map(({ session_id, name, status }) => ({
    id: `experiment ${session_id}`,
    group: 'Experiments',
    label: oneLine(name, 90),
    hint: `${status} · ${session_id}`,
    run: () => void navigate({ to: '/experiments/$sessionId', params: { sessionId: session_id } }),
  }))
  return { commands, complete: !isPending }
}
