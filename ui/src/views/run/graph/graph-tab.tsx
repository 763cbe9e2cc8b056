/** The task hierarchy: inner graphs nest in their nodes, edges are dependencies, colours are statuses. */
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { Blank } from '../../../parts/blank.tsx'
import { FlowCanvas } from '../../../parts/flow/flow-canvas.tsx'
import { absolutePlaces, boundsOf } from '../../../parts/flow/scene.ts'
import { useLayout } from '../../../parts/flow/use-layout.ts'
import { useRun } from '../run-context.ts'
import { activeNodeAt } from './active-node.ts'
import styles from './graph.module.css'
import { createGraphScene } from './graph-scene.ts'
import { GraphTools } from './graph-tools.tsx'
import { TaskActionsContext, TaskNode } from './task-node.tsx'
import { useOutline } from './use-outline.ts'

const NODE_TYPES = { box: TaskNode }

export function GraphTab() {
  const { log, version, search, state, following, live, openNode } = useRun()
  const ordinal = useDeferredValue(useRun().ordinal)
  const folding = useOutline()
  const { outline } = folding
  const layout = useLayout(folding.request)
  const places = useMemo(() => absolutePlaces(outline.nodes.values(), layout), [outline, layout])
  const bounds = useMemo(() => boundsOf(places.values()), [places])
  const [sceneOf] = useState(createGraphScene)
  const running = state.summary?.status === 'running'
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log changes in place, so its version tells of changes
  const scene = useMemo(
    () =>
      sceneOf({
        outline,
        places,
        bounds,
        graph: log.stateAt(ordinal).graph,
        active: running ? activeNodeAt(log.spans, ordinal) : undefined,
        selected: search.node,
      }),
    [log, version, ordinal, outline, places, bounds, search.node, running],
  )
  const latest = useRef({ toggle: folding.toggle, open: openNode })
  latest.current = { toggle: folding.toggle, open: openNode }
  const actions = useMemo(
    () => ({
      toggle: (id: string) => latest.current.toggle(id),
      open: (id: string) => latest.current.open(id),
    }),
    [],
  )

  if (log.stateAt(log.head).graph.nodes.size === 0)
    return <Blank title="No nodes yet" text="The graph appears with the first node_created event." />
  return (
    <TaskActionsContext value={actions}>
      <div className={styles.graph} data-quiet={(following && !live) || undefined}>
        <FlowCanvas
          label="Graph of tasks"
          scene={scene}
          nodeTypes={NODE_TYPES}
          maxZoom={2}
          folding={search.fold}
          open={actions.open}
        >
          <GraphTools folding={folding} scene={scene} />
        </FlowCanvas>
      </div>
    </TaskActionsContext>
  )
}
