/** The outline that is laid out: all nodes of the run with the present folding, whatever moment is shown. */
import { useCallback, useEffect, useMemo, useRef } from 'react'
import type { LayoutRequest } from '../../../parts/flow/layout.ts'
import { useRun } from '../run-context.ts'
import { firstUnfolded, hierarchyOf, holdersOf, type Outline, outlineOf } from './outline.ts'

/** So many nodes are unfolded at first; more would be a wall. */
const FIRST_NODES_MAX = 90

export interface Folding {
  outline: Outline
  request: LayoutRequest
  toggle(id: string): void
  unfoldAll(): void
  foldAll(): void
  /** Unfolds what holds the node, so that it is in sight. */
  reveal(id: string): void
}

export function useOutline(): Folding {
  const { log, search, navigate } = useRun()
  const { graph } = log.stateAt(log.head)
  const shape = `${log.runId} ${graph.nodes.size} ${graph.edges.size}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: the graph grows in place; its shape tells when
  const hierarchy = useMemo(() => hierarchyOf(graph), [graph, shape])
  const unfoldedBefore = useRef<ReadonlySet<string>>(new Set())
  const atFirst = useMemo(
    () => firstUnfolded(hierarchy, FIRST_NODES_MAX, unfoldedBefore.current),
    [hierarchy],
  )
  useEffect(() => {
    unfoldedBefore.current = atFirst
  }, [atFirst])
  const changed = useMemo(() => new Set(search.fold?.split(',') ?? []), [search.fold])
  const all = changed.has(ALL)
  const isUnfolded = useCallback(
    (id: string) => (all || atFirst.has(id)) !== changed.has(id),
    [all, atFirst, changed],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: the graph grows in place; its shape tells when
  const outline = useMemo(
    () => outlineOf(graph, hierarchy, isUnfolded),
    [graph, shape, hierarchy, isUnfolded],
  )
  const request = useMemo(() => ({ nodes: [...outline.nodes.values()], edges: outline.edges }), [outline])

  const write = (ids: Set<string>): void =>
    navigate({ fold: ids.size === 0 ? undefined : [...ids].join(',') })
  const flip = (ids: string[]): void => {
    const next = new Set(changed)
    for (const id of ids) if (!next.delete(id)) next.add(id)
    write(next)
  }
  return {
    outline,
    request,
    toggle: (id) => flip([id]),
    unfoldAll: () => write(new Set([ALL])),
    foldAll: () => write(new Set([...atFirst].filter((id) => (graph.nodes.get(id)?.outer ?? null) !== null))),
    reveal: (id) => flip(holdersOf(graph, id).filter((holder) => !isUnfolded(holder))),
  }
}

// internal

/** Stands for "everything is unfolded" in the address. */
const ALL = '*'
