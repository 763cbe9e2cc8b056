/** Adds the open run's tabs and nodes to the command palette. */
import { useCallback } from 'react'
import { type PaletteCommand, useCommandSource } from '../../app/palette-store.ts'
import { RUN_TABS } from '../../app/router.tsx'
import { isolated, oneLine } from '../../format/text.ts'
import { readable } from '../../parts/status.tsx'
import { useRun } from './run-context.ts'

const NODES_MAX = 8

export function useRunCommands(): void {
  const run = useRun()
  const { state, navigate, openNode, follow } = run
  const source = useCallback(
    (query: string): PaletteCommand[] => {
      const tabs = RUN_TABS.map((tab) => ({
        id: `tab ${tab}`,
        group: 'This run',
        label: `Show ${tab}`,
        run: () => navigate({ tab }, 'push'),
      }))
      const live = { id: 'live', group: 'This run', label: 'Follow the newest event', run: follow }
      const fitting = [...tabs, live].filter((item) => item.label.toLowerCase().includes(query))
      return query === '' ? fitting : [...fitting, ...nodeCommands(query, state.graph.nodes, openNode)]
    },
    [state, navigate, openNode, follow],
  )
  useCommandSource(source)
}

// internal

interface NamedNode {
  nid: string
  goal: string
  status: string
}

function nodeCommands(
  query: string,
  nodes: ReadonlyMap<string, NamedNode>,
  open: (id: string) => void,
): PaletteCommand[] {
  const found: PaletteCommand[] = []
  for (const [id, node] of nodes) {
    if (found.length === NODES_MAX) break
    if (!`${node.nid} ${node.goal} ${id}`.toLowerCase().includes(query)) continue
    found.push({
      id: `node ${id}`,
      group: 'Nodes',
      label: oneLine(`${node.nid} ${isolated(node.goal)}`, 90),
      hint: readable(node.status),
      run: () => open(id),
    })
  }
  return found
}
